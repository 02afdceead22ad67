#!lua flags=allow-oom
-- Takes a roll-up off the pending ones without a result, if nothing has been committed since it was examined.
--
-- KEYS[1]  state of the model (hash)
-- KEYS[2]  pending roll-ups (set)
--
-- ARGV[1]  expected head
-- ARGV[2]  member of the roll-up
--
-- Returns 1 when done, 0 when the head is another one.

if (redis.call('HGET', KEYS[1], 'head') or '') ~= ARGV[1] then return 0 end
redis.call('SREM', KEYS[2], ARGV[2])
return 1
