#!lua flags=allow-oom
-- Gives the lease of a model back, if the token still holds it.
--
-- KEYS[1]  lease (string)
--
-- ARGV[1]  token
--
-- Returns nothing.

if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
