// The least that Redis must grant to a Driftline process, for tests to run under.

export const aclUser = { username: 'driftline', password: 'only for tests' };

/** Rules of `ACL SETUSER` for a process whose key prefix is this. */
export function acl(prefix: string): readonly string[] {
  return [
    'resetkeys',
    `~${prefix}:*`,
    'resetchannels',
    '-@all',
    '+@read',
    '+@write',
    '+@connection',
    '-@dangerous',
    '-keys',
    '-scan',
    '+eval',
    '+evalsha',
    '+info',
  ];
}

/** All that a process needs of a sentinel: where the primary is, which other sentinels there are, and to be told of a change. */
export const sentinelAcl: readonly string[] = [
  '-@all',
  '+sentinel|get-master-addr-by-name',
  '+sentinel|sentinels',
  '+subscribe',
  '+auth',
  'resetchannels',
  '&+switch-master',
];

/** What a process needs besides where Redis is a cluster: where the slots are, and whether all are served. */
export const clusterAcl: readonly string[] = ['+cluster|slots', '+cluster|info'];
