#!lua flags=allow-oom
-- Takes the lease of a model, or prolongs it for the token that holds it.
--
-- KEYS[1]  lease (string)
--
-- ARGV[1]  token
-- ARGV[2]  duration, milliseconds
--
-- Returns 1 when the token holds the lease now, 0 when another one does.

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
