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
