#!lua flags=no-writes
-- Reads what the join of a shard remembers, with the shard's owner and offsets, as of one moment.
--
-- KEYS[1]  meta of the shard (hash)
-- KEYS[2]  states of the join (hash)
-- KEYS[3…] buckets of ids that wait (hash), then profiles of one window each (hash)
--
-- ARGV[1]  number of models
-- ARGV[2]  number of buckets
-- ARGV[3…] the models; per bucket in the order of KEYS: number of names, then the names
--
-- Returns {{token, predictions offset, labels offset}, {state of each model}, {value of each name}, {per window: {field, value,
--         …} of its labelled parts}}; nil for what is not there.

local states = {}
local at = 3 + tonumber(ARGV[1])
for model = 3, at - 1 do states[#states + 1] = redis.call('HGET', KEYS[2], ARGV[model]) end

local values = {}
local buckets = 2 + tonumber(ARGV[2])
for bucket = 3, buckets do
  local last = at + tonumber(ARGV[at])
  for name = at + 1, last do values[#values + 1] = redis.call('HGET', KEYS[bucket], ARGV[name]) end
  at = last + 1
end

local windows = {}
for window = buckets + 1, #KEYS do
  local parts = {}
  for _, field in ipairs(redis.call('HKEYS', KEYS[window])) do
    if string.sub(field, -9) == '|labelled' then
      parts[#parts + 1] = field
      parts[#parts + 1] = redis.call('HGET', KEYS[window], field)
    end
  end
  windows[#windows + 1] = parts
end
return { redis.call('HMGET', KEYS[1], 'token', 'predictions_offset', 'labels_offset'), states, values, windows }
