#!lua flags=no-writes
-- Reads the state of a model and its pending roll-ups, as of one moment.
--
-- KEYS[1]  state of the model (hash)
-- KEYS[2]  pending roll-ups (set)
--
-- Returns {{head, incidents, detectors}, {member, …}}.

return { redis.call('HMGET', KEYS[1], 'head', 'incidents', 'detectors'), redis.call('SMEMBERS', KEYS[2]) }
