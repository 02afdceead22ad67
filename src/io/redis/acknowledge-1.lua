#!lua flags=allow-oom
-- Takes windows off the changed list where they have not changed since the version that was evaluated.
--
-- KEYS[1]  changed windows of the shard (sorted set)
--
-- ARGV     member and version of each window
--
-- Returns nothing.

for at = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if score and tonumber(score) == tonumber(ARGV[at + 1]) then redis.call('ZREM', KEYS[1], ARGV[at]) end
end
