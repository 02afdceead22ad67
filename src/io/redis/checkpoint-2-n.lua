#!lua
-- Writes everything that changed in a shard together with its offsets, or nothing at all.
--
-- KEYS[1]   meta of the shard (hash)
-- KEYS[2]   changed windows of the shard (sorted set)
-- KEYS[3…]  profiles of one window each (hash), then what the join remembers: hashes that change, and hashes that go
--
-- ARGV[1]   token of the writer
-- ARGV[2]   expected predictions offset } both empty: the shard must never have been written
-- ARGV[3]   expected labels offset      }
-- ARGV[4]   predictions offset
-- ARGV[5]   labels offset
-- ARGV[6]   watermark; empty before the first event
-- ARGV[7]   greatest event time; empty before the first event
-- ARGV[8]   wall clock at which the watermark passed the newest end of a window; empty before it has
-- ARGV[9]   idle: 1 or 0
-- ARGV[10]  labels
-- ARGV[11]  start of the first complete window; empty where all are
-- ARGV[12]  retention of the windows, milliseconds
-- ARGV[13]  number of windows; more than one may have the same key
-- ARGV[14]  number of hashes of the join that change
-- ARGV[15…] per window in the order of KEYS: member, score, number of profiles, then field and value of each profile
-- ARGV[…]   per hash of the join in the order of KEYS: retention in milliseconds or 0, number of fields, number of fields that
--           go; field and value of each; each field that goes
--
-- Returns 'written', 'fenced' (another token owns the shard) or 'moved' (other offsets are stored).
--
-- Offsets are compared as text: a Lua number is a double. No write can fail once the first has been made: shortage of
-- memory or of replicas refuses a script with this shebang before it starts, and the caller sends whole numbers only.
-- Arguments are walked, never unpacked: a checkpoint may hold more of them than the Lua stack.

local stored = redis.call('HMGET', KEYS[1], 'token', 'predictions_offset', 'labels_offset')
if stored[1] ~= ARGV[1] then return 'fenced' end
if (stored[2] or '') ~= ARGV[2] or (stored[3] or '') ~= ARGV[3] then return 'moved' end

redis.call('HSET', KEYS[1], 'predictions_offset', ARGV[4], 'labels_offset', ARGV[5], 'watermark', ARGV[6],
  'max_event_time', ARGV[7], 'passed_at', ARGV[8], 'idle', ARGV[9], 'labels', ARGV[10], 'complete_from', ARGV[11])

local at = 15
local windows = 2 + tonumber(ARGV[13])
for window = 3, windows do
  redis.call('ZADD', KEYS[2], ARGV[at + 1], ARGV[at])
  local last = at + 2 + 2 * tonumber(ARGV[at + 2])
  for field = at + 3, last, 2 do
    redis.call('HSET', KEYS[window], ARGV[field], ARGV[field + 1])
  end
  redis.call('PEXPIRE', KEYS[window], ARGV[12])
  at = last + 1
end
local hashes = windows + tonumber(ARGV[14])
for hash = windows + 1, hashes do
  local fields = at + 2 + 2 * tonumber(ARGV[at + 1])
  for field = at + 3, fields, 2 do
    redis.call('HSET', KEYS[hash], ARGV[field], ARGV[field + 1])
  end
  local last = fields + tonumber(ARGV[at + 2])
  for field = fields + 1, last do
    redis.call('HDEL', KEYS[hash], ARGV[field])
  end
  if ARGV[at] ~= '0' then redis.call('PEXPIRE', KEYS[hash], ARGV[at]) end
  at = last + 1
end
for hash = hashes + 1, #KEYS do redis.call('UNLINK', KEYS[hash]) end
return 'written'
