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
-- ARGV[1]  expected head, empty before the first commit
-- ARGV[2]  head: the name of this commit
-- ARGV[3]  size of the window, milliseconds
-- ARGV[4]  start of the window
-- ARGV[5]  member of the window among the pending roll-ups
-- ARGV[6]  retention of result and profiles, milliseconds
-- ARGV[7]  revision
-- ARGV[8]  how often the window was published before
-- ARGV[9]  inputs
-- ARGV[10] time of the publication
-- ARGV[11] document
-- ARGV[12] 1 when incidents are written, 0 when they stay as they are
-- ARGV[13] incidents
-- ARGV[14] 1 when detectors are written, 0 when they stay as they are
-- ARGV[15] detectors
-- ARGV[16] number of profiles
-- ARGV[17] number of roll-ups
-- ARGV[18] number of messages
-- ARGV[19…] field and value of each profile; member of each roll-up; topic, id, key, value, headers of each message
--
-- Returns 1 when written, or when it was written before and its answer lost; 0 when the head is another one.
--
-- No write can fail once the first has been made: see checkpoint-2-n.lua. Redis' own clock says what has expired, read from
-- the expiry just set: TIME is not among the commands that the documented ACL grants.

local head = redis.call('HGET', KEYS[1], 'head') or ''
if head == ARGV[2] then return 1 end
if head ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'head', ARGV[2])
if ARGV[12] == '1' then redis.call('HSET', KEYS[1], 'incidents', ARGV[13]) end
if ARGV[14] == '1' then redis.call('HSET', KEYS[1], 'detectors', ARGV[15]) end

redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[3], 'revision', ARGV[7], 'revisions', ARGV[8], 'inputs', ARGV[9], 'published_at', ARGV[10],
  'document', ARGV[11])
redis.call('HSET', KEYS[4], 'revision', ARGV[7])
local at = 19
for _ = 1, tonumber(ARGV[16]) do
  redis.call('HSET', KEYS[4], ARGV[at], ARGV[at + 1])
  at = at + 2
end

redis.call('PEXPIRE', KEYS[3], ARGV[6])
local expiresAt = redis.call('PEXPIRETIME', KEYS[3])
redis.call('PEXPIREAT', KEYS[4], expiresAt)
redis.call('ZADD', KEYS[5], ARGV[4], ARGV[4])
redis.call('ZADD', KEYS[6], expiresAt, ARGV[4])
redis.call('SADD', KEYS[7], ARGV[3])
local now = string.format('(%.0f', expiresAt - tonumber(ARGV[6]))
for _, start in ipairs(redis.call('ZRANGE', KEYS[6], '-inf', now, 'BYSCORE', 'LIMIT', '0', '100')) do
  redis.call('ZREM', KEYS[5], start)
  redis.call('ZREM', KEYS[6], start)
end

redis.call('SREM', KEYS[2], ARGV[5])
for _ = 1, tonumber(ARGV[17]) do
  redis.call('SADD', KEYS[2], ARGV[at])
  at = at + 1
end
for _ = 1, tonumber(ARGV[18]) do
  redis.call('XADD', KEYS[8], '*', 'topic', ARGV[at], 'id', ARGV[at + 1], 'key', ARGV[at + 2], 'value', ARGV[at + 3],
    'headers', ARGV[at + 4])
  at = at + 5
end
return 1
