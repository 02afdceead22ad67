// Settings that are right one by one and wrong together.
import type { z } from 'zod';
import { closest } from './closest.ts';
import type { httpSchema, kafkaSchema, redisSchema } from './connection-schema.ts';
import type {
  alertsSchema,
  driftSchema,
  evaluationSchema,
  privacySchema,
  retentionSchema,
  windowsSchema,
} from './monitoring-schema.ts';
import { durationText } from './quantity.ts';
import type { ConfiguredModel } from './schema.ts';
import type { SettingPath } from './source-tree.ts';

/** Something wrong with the setting at a path, in view of others. */
export interface Inconsistency {
  readonly path: SettingPath;
  readonly message: string;
}

/** The sections that have no errors of their own; models stand at their index. */
export interface SoundSections {
  readonly kafka?: z.output<typeof kafkaSchema>;
  readonly redis?: z.output<typeof redisSchema>;
  readonly http?: z.output<typeof httpSchema>;
  readonly windows?: z.output<typeof windowsSchema>;
  readonly retention?: z.output<typeof retentionSchema>;
  readonly drift?: z.output<typeof driftSchema>;
  readonly alerts?: z.output<typeof alertsSchema>;
  readonly evaluation?: z.output<typeof evaluationSchema>;
  readonly privacy?: z.output<typeof privacySchema>;
  readonly models: readonly (ConfiguredModel | undefined)[];
}

type Section<Name extends keyof SoundSections> = NonNullable<SoundSections[Name]>;

/** All that does not fit together. A section with errors of its own (undefined) is compared with nothing. */
export function inconsistencies(sections: SoundSections): readonly Inconsistency[] {
  const { kafka, redis, http, windows, retention, drift, alerts, evaluation, privacy, models } = sections;
  const found = [
    ...(kafka ? kafkaConflicts(kafka) : []),
    ...(redis ? redisConflicts(redis) : []),
    ...(http ? httpConflicts(http) : []),
    ...(windows ? windowConflicts(windows) : []),
    ...(windows && retention ? retentionConflicts(windows, retention) : []),
    ...(windows && alerts ? alertConflicts(windows, alerts) : []),
    ...(drift ? levelConflicts(['drift'], drift) : []),
    ...(evaluation ? evaluationConflicts(evaluation) : []),
    ...(privacy
      ? secretConflicts(['privacy', 'category_key_file'], privacy.category_key, privacy.category_key_file)
      : []),
    ...models.flatMap((model, index) => (model ? modelConflicts(['models', index], model, drift) : [])),
  ];
  return found.filter((item) => item !== undefined);
}

type Finding = Inconsistency | undefined;

function when(isWrong: boolean, path: SettingPath, message: string): Finding {
  return isWrong ? { path, message } : undefined;
}

function kafkaConflicts({ tls, sasl, topics }: Section<'kafka'>): readonly Finding[] {
  const names = Object.entries(topics);
  return [
    ...certificateConflicts(['kafka', 'tls'], tls),
    when(
      !tls.enabled && (tls.ca_file ?? tls.cert_file ?? tls.key_file) !== null,
      ['kafka', 'tls', 'enabled'],
      'certificate files are given but TLS is off',
    ),
    ...saslConflicts(sasl),
    ...names.map(([key, name], index) => {
      const first = names.findIndex(([, other]) => other === name);
      return when(first < index, ['kafka', 'topics', key], `the same topic as ${names[first]?.[0]}`);
    }),
  ];
}

function saslConflicts(sasl: Section<'kafka'>['sasl']): readonly Finding[] {
  const at = (name: keyof typeof sasl): SettingPath => ['kafka', 'sasl', name];
  const { mechanism, username, token_file: tokenFile, token_url: tokenUrl } = sasl;
  const password = sasl.password ?? sasl.password_file;
  const isBearer = mechanism === 'oauthbearer';
  // What proves who asks: a password with its user, or a token that is there already.
  const needsPassword = mechanism !== null && (!isBearer || tokenUrl !== null);
  return [
    ...secretConflicts(at('password_file'), sasl.password, sasl.password_file),
    when(needsPassword && username === null, at('username'), 'SASL needs a user name'),
    when(
      needsPassword && password === null,
      at('password_file'),
      'SASL needs a password: password_file, or DRIFTLINE__KAFKA__SASL__PASSWORD',
    ),
    when(
      isBearer && (tokenFile === null) === (tokenUrl === null),
      at('token_file'),
      'oauthbearer needs one of token_file and token_url',
    ),
    when(
      isBearer && tokenFile !== null && (username ?? password) !== null,
      at('username'),
      'a token from a file needs no user and no password',
    ),
    when(
      !isBearer && (tokenFile ?? tokenUrl ?? sasl.scope) !== null,
      at('mechanism'),
      'a token is configured: the mechanism must be oauthbearer',
    ),
    when(
      mechanism === null && (username ?? password) !== null,
      at('mechanism'),
      'a user or password is given but no mechanism: plain, scram-sha-256 or scram-sha-512',
    ),
  ];
}

function httpConflicts({ tls, token, token_file: tokenFile }: Section<'http'>): readonly Finding[] {
  return [
    ...certificateConflicts(['http', 'tls'], tls),
    ...secretConflicts(['http', 'token_file'], token, tokenFile),
    when(
      tls.client_ca_file !== null && tls.cert_file === null,
      ['http', 'tls', 'cert_file'],
      'certificates of clients are asked for over HTTPS only: it needs a certificate of its own',
    ),
  ];
}

function redisConflicts(redis: Section<'redis'>): readonly Finding[] {
  const { tls, mode, sentinel } = redis;
  const isTlsSet = (tls.ca_file ?? tls.cert_file ?? tls.key_file) !== null || tls.insecure_skip_verify;
  return [
    ...certificateConflicts(['redis', 'tls'], tls),
    when(
      isTlsSet && !redis.url.startsWith('rediss:'),
      ['redis', 'url'],
      'TLS is configured: the address must begin with rediss://',
    ),
    ...secretConflicts(['redis', 'password_file'], redis.password, redis.password_file),
    ...secretConflicts(['redis', 'sentinel', 'password_file'], sentinel.password, sentinel.password_file),
    when(
      mode === 'single' && redis.url.includes(','),
      ['redis', 'mode'],
      'several addresses are given: must be cluster or sentinel',
    ),
    when(
      mode === 'cluster' && /[^/]\/0*[1-9]/.test(redis.url),
      ['redis', 'url'],
      'a cluster has no database but 0',
    ),
    when(
      mode === 'sentinel' && sentinel.primary === null,
      ['redis', 'sentinel', 'primary'],
      'sentinels must be told the name of the primary',
    ),
    when(
      mode !== 'sentinel' && Object.values(sentinel).some((setting) => setting !== null),
      ['redis', 'mode'],
      'redis.sentinel is given: must be sentinel',
    ),
  ];
}

function certificateConflicts(
  path: SettingPath,
  files: { cert_file: string | null; key_file: string | null },
): readonly Finding[] {
  return [
    when(
      files.cert_file !== null && files.key_file === null,
      [...path, 'key_file'],
      'a certificate needs its key',
    ),
    when(
      files.key_file !== null && files.cert_file === null,
      [...path, 'cert_file'],
      'a key needs its certificate',
    ),
  ];
}

function secretConflicts(path: SettingPath, given: unknown, file: string | null): readonly Finding[] {
  return [
    when(given !== null && file !== null, path, 'the secret is given by file and by environment; keep one'),
  ];
}

function windowConflicts(windows: Section<'windows'>): readonly Finding[] {
  return windows.rollups.ms.map((rollup, index, all) => {
    const previous = all[index - 1] ?? windows.size.ms;
    const name = index === 0 ? 'windows.size' : 'the roll-up before it';
    return when(
      rollup <= previous || rollup % previous !== 0,
      ['windows', 'rollups', index],
      `${durationText(rollup)} must be a greater multiple of ${name} (${durationText(previous)})`,
    );
  });
}

function retentionConflicts(
  windows: Section<'windows'>,
  retention: Section<'retention'>,
): readonly Finding[] {
  const revisable = windows.size.ms + windows.grace.ms + windows.revision_horizon.ms;
  const [first = 0] = windows.rollups.ms;
  const longest = windows.rollups.ms.at(-1) ?? 0;
  const tooShort = (name: keyof Section<'retention'>, least: number, why: string) =>
    when(retention[name].ms < least, ['retention', name], `must be at least ${durationText(least)}: ${why}`);
  return [
    tooShort(
      'windows',
      Math.max(revisable, first),
      'a window that can still change, or go into a roll-up, must be there',
    ),
    tooShort('results', revisable, 'the result of a window that can still change must be there'),
    tooShort(
      'rollups',
      longest + windows.revision_horizon.ms,
      'a roll-up that can still change must be there',
    ),
  ];
}

function alertConflicts(windows: Section<'windows'>, alerts: Section<'alerts'>): readonly Finding[] {
  const sizes = [windows.size.ms, ...windows.rollups.ms];
  const { raise } = alerts;
  return [
    when(
      alerts.window.ms !== null && !sizes.includes(alerts.window.ms),
      ['alerts', 'window'],
      `must be windows.size or one of windows.rollups: ${sizes.map(durationText).join(', ')}`,
    ),
    when(
      raise.windows > raise.of,
      ['alerts', 'raise', 'windows'],
      `cannot be greater than alerts.raise.of (${raise.of})`,
    ),
  ];
}

function evaluationConflicts({ interval, lease }: Section<'evaluation'>): readonly Finding[] {
  return [
    when(lease.ms < interval.ms, ['evaluation', 'lease'], 'must not be shorter than evaluation.interval'),
  ];
}

function levelConflicts(
  path: SettingPath,
  levels: { warning: number; critical: number },
): readonly Finding[] {
  const isWrong = levels.critical < levels.warning;
  return [when(isWrong, [...path, 'critical'], `must not be below the warning level (${levels.warning})`)];
}

function modelConflicts(
  path: SettingPath,
  model: ConfiguredModel,
  drift: Section<'drift'> | undefined,
): readonly Finding[] {
  const { features, baseline } = model;
  const columns = features && [...features.keys(), '@prediction', '@score'];
  const unknown = (name: string, at: SettingPath): Finding => {
    if (columns === null || columns.includes(name)) return undefined;
    const guess = closest(name, columns);
    return {
      path: at,
      message: `the model has no feature ${JSON.stringify(name)}${guess ? `; did you mean "${guess}"?` : ''}`,
    };
  };
  const rules = drift && {
    warning: model.drift.warning ?? drift.warning,
    critical: model.drift.critical ?? drift.critical,
  };
  return [
    when(
      features !== null && baseline !== null,
      [...path, 'features'],
      'the baseline knows the features: give one of baseline and features',
    ),
    ...model.plain.map((name, index) => unknown(name, [...path, 'plain', index])),
    ...model.distinct.map((name, index) => unknown(name, [...path, 'distinct', index])),
    ...[...model.drift.features.keys()].map((name) => unknown(name, [...path, 'drift', 'features', name])),
    ...(rules ? levelConflicts([...path, 'drift'], rules) : []),
    ...[...model.drift.features].flatMap(([name, own]) =>
      rules
        ? levelConflicts([...path, 'drift', 'features', name], {
            warning: own.warning ?? rules.warning,
            critical: own.critical ?? rules.critical,
          })
        : [],
    ),
  ];
}
