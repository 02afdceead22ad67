#!lua
-- Says how far the event time of a shard has come, ahead of its next checkpoint. It never goes back.
--
-- KEYS[1]  meta of the shard (hash)
--
-- ARGV[1]  token of the writer
-- ARGV[2]  expected predictions offset
-- ARGV[3]  expected labels offset
-- ARGV[4]  watermark
-- ARGV[5]  wall clock at which it passed the newest end of a window
--
-- Returns 'written', 'fenced' (another token owns the shard) or 'moved' (other offsets are stored).

local stored = redis.call('HMGET', KEYS[1], 'token', 'predictions_offset', 'labels_offset', 'announced_watermark')
if stored[1] ~= ARGV[1] then return 'fenced' end
if stored[2] ~= ARGV[2] or stored[3] ~= ARGV[3] then return 'moved' end
if not stored[4] or tonumber(ARGV[4]) > tonumber(stored[4]) then
  redis.call('HSET', KEYS[1], 'announced_watermark', ARGV[4], 'announced_passed_at', ARGV[5])
end
return 'written'
