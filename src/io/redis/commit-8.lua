#!lua
-- Writes a result with its profiles, the incidents, the detectors, the messages to send and the roll-ups that it concerns,
-- or nothing.
--
-- KEYS[1]  state of the model (hash)
-- KEYS[2]  pending roll-ups (set)
-- KEYS[3]  the result (hash)
-- KEYS[4]  its merged profiles (hash)
-- KEYS[5]  starts of this size (sorted set by start)
-- KEYS[6]  starts of this size (sorted set by the time at which their keys expire)
-- KEYS[7]  sizes (set)
-- KEYS[8]  messages to send (stream)
--
-- ARGV[1]  expected sequence
-- ARGV[2]  size of the window, milliseconds
-- ARGV[3]  start of the window
-- ARGV[4]  member of the window among the pending roll-ups
-- ARGV[5]  retention of result and profiles, milliseconds
-- ARGV[6]  revision
-- ARGV[7]  inputs
-- ARGV[8]  time of the publication
-- ARGV[9]  document
-- ARGV[10] 1 when incidents are written, 0 when they stay as they are
-- ARGV[11] incidents
-- ARGV[12] 1 when detectors are written, 0 when they stay as they are
-- ARGV[13] detectors
-- ARGV[14] number of profiles
-- ARGV[15] number of roll-ups
-- ARGV[16] number of messages
-- ARGV[17…] field and value of each profile; member of each roll-up; topic, id, key, value, headers of each message
--
-- Returns 1 when written, 0 when the sequence is another one.
--
-- No write can fail once the first has been made: see checkpoint-2-n.lua. Redis' own clock says what has expired, read from
-- the expiry just set: TIME is not among the commands that the documented ACL grants.

if (redis.call('HGET', KEYS[1], 'sequence') or '0') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'sequence', '1')
if ARGV[10] == '1' then redis.call('HSET', KEYS[1], 'incidents', ARGV[11]) end
if ARGV[12] == '1' then redis.call('HSET', KEYS[1], 'detectors', ARGV[13]) end

redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[3], 'revision', ARGV[6], 'inputs', ARGV[7], 'published_at', ARGV[8], 'document', ARGV[9])
redis.call('HSET', KEYS[4], 'revision', ARGV[6])
local at = 17
for _ = 1, tonumber(ARGV[14]) do
  redis.call('HSET', KEYS[4], ARGV[at], ARGV[at + 1])
  at = at + 2
end

redis.call('PEXPIRE', KEYS[3], ARGV[5])
local expiresAt = redis.call('PEXPIRETIME', KEYS[3])
redis.call('PEXPIREAT', KEYS[4], expiresAt)
redis.call('ZADD', KEYS[5], ARGV[3], ARGV[3])
redis.call('ZADD', KEYS[6], expiresAt, ARGV[3])
redis.call('SADD', KEYS[7], ARGV[2])
local now = string.format('(%.0f', expiresAt - tonumber(ARGV[5]))
for _, start in ipairs(redis.call('ZRANGE', KEYS[6], '-inf', now, 'BYSCORE', 'LIMIT', '0', '100')) do
  redis.call('ZREM', KEYS[5], start)
  redis.call('ZREM', KEYS[6], start)
end

redis.call('SREM', KEYS[2], ARGV[4])
for _ = 1, tonumber(ARGV[15]) do
  redis.call('SADD', KEYS[2], ARGV[at])
  at = at + 1
end
for _ = 1, tonumber(ARGV[16]) do
  redis.call('XADD', KEYS[8], '*', 'topic', ARGV[at], 'id', ARGV[at + 1], 'key', ARGV[at + 2], 'value', ARGV[at + 3],
    'headers', ARGV[at + 4])
  at = at + 5
end
return 1
