import { describe, expect, test } from 'vitest';
import { problemText } from '../../src/config/problem.ts';
import {
  defaultSettings,
  parseSettings,
  type SettingSources,
  type Settings,
} from '../../src/config/settings.ts';
import { originText } from '../../src/config/source-tree.ts';

type Sources = Partial<Omit<SettingSources, 'files'>> & { readonly files?: Readonly<Record<string, string>> };

function parse({ files = {}, env = {}, flags = [] }: Sources) {
  const texts = Object.entries(files).map(([path, text]) => ({ path, text }));
  return parseSettings({ files: texts, env, flags });
}

function settingsIn(sources: Sources): Settings {
  const parsed = parse(sources);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.settings;
}

function problemsIn(sources: Sources | string): readonly string[] {
  const parsed = parse(typeof sources === 'string' ? { files: { 'a.yaml': sources } } : sources);
  return parsed.ok ? [] : parsed.problems.map(problemText);
}

describe('what a source says', () => {
  test('nothing at all gives the defaults', () => {
    expect(settingsIn({})).toEqual(defaultSettings());
    expect(settingsIn({ files: { 'a.yaml': '' } })).toEqual(defaultSettings());
  });

  test('durations become milliseconds and sizes bytes', () => {
    const { windows, limits } = settingsIn({
      files: { 'a.yaml': 'windows: {size: 1m, rollups: [10m, 1h]}\nlimits: {event_bytes: 64KiB}' },
    });
    expect(windows).toMatchObject({ sizeMs: 60_000, rollupsMs: [600_000, 3_600_000], graceMs: 0 });
    expect(limits.eventBytes).toBe(65_536);
  });

  test('the voting window is the base window while nothing else is said', () => {
    expect(settingsIn({ files: { 'a.yaml': 'windows: {size: 1m}' } }).alerts.windowMs).toBe(60_000);
    expect(settingsIn({ files: { 'a.yaml': 'alerts: {window: 1h}' } }).alerts.windowMs).toBe(3_600_000);
  });

  test('a model inherits the drift rules that it does not set', () => {
    const { models } = settingsIn({
      files: {
        'a.yaml': `
drift:
  {warning: 0.15, min_count: 500, correction: benjamini_yekutieli, threshold: chunks_sd, sequential: {decay: 0.25}}
models:
  - name: delay
    task: regression
    drift:
      critical: 0.5
      sequential: {enabled: true, alarm: 5000}
      features: {distance: {measure: wasserstein}, __typename: {warning: 0.3}}`,
      },
    });
    expect(models[0]?.drift).toEqual({
      measure: 'psi',
      warning: 0.15,
      critical: 0.5,
      threshold: 'chunks_sd',
      alpha: 0.05,
      correction: 'benjamini_yekutieli',
      minCount: 500,
      sequential: { enabled: true, tolerance: 0.1, alarm: 5000, decay: 0.25 },
      columns: new Map([
        ['distance', { measure: 'wasserstein' }],
        ['__typename', { warning: 0.3 }],
      ]),
    });
  });

  test('booleans are categorical columns', () => {
    const text =
      'models: [{name: m, task: binary, features: {a: numeric, b: categorical, constructor: boolean}}]';
    expect(settingsIn({ files: { 'a.yaml': text } }).models[0]?.features).toEqual(
      new Map([
        ['a', 'numeric'],
        ['b', 'categorical'],
        ['constructor', 'categorical'],
      ]),
    );
  });

  test('a secret appears in no text made of the settings', () => {
    const settings = settingsIn({ env: { DRIFTLINE__REDIS__PASSWORD: 'hunter2' } });
    expect(settings.redis.password?.reveal()).toBe('hunter2');
    expect(JSON.stringify(settings)).not.toContain('hunter2');
  });

  test('relative paths start at the folder of their file, and at the working directory elsewhere', () => {
    const settings = settingsIn({
      files: {
        'conf/a.yaml': `
kafka: {tls: {enabled: true, ca_file: ca.pem}}
redis: {password_file: /run/secrets/redis}
models: [{name: m, task: binary, baseline: baselines/m.json}]`,
      },
      env: { DRIFTLINE__KAFKA__SASL__PASSWORD_FILE: 'secret', DRIFTLINE__KAFKA__SASL__USERNAME: 'u' },
      flags: [{ flag: '--set', path: 'kafka.sasl.mechanism', text: 'plain' }],
    });
    expect(settings.kafka.tls.caFile).toBe('conf/ca.pem');
    expect(settings.redis.passwordFile).toBe('/run/secrets/redis');
    expect(settings.models[0]?.baseline).toBe('conf/baselines/m.json');
    expect(settings.kafka.sasl.passwordFile).toBe('secret');
  });
});

describe('several sources', () => {
  const base = 'group: base\nhttp: {port: 1000, host: 0.0.0.0}\nkafka: {brokers: [a:1, b:2]}';

  test('flags are above the environment, the environment above files, later files above earlier ones', () => {
    const sources = {
      files: { 'a.yaml': base, 'b.yaml': 'http: {port: 2000}\nkafka: {brokers: [c:3]}' },
      env: { DRIFTLINE__HTTP__HOST: '127.0.0.2', DRIFTLINE__GROUP: 'environment' },
      flags: [{ flag: '--set group', path: 'group', text: 'flag' }],
    };
    const { group, http, kafka } = settingsIn(sources);
    expect({ group, http, brokers: kafka.brokers }).toMatchObject({
      group: 'flag',
      http: { enabled: true, host: '127.0.0.2', port: 2000 },
      brokers: ['c:3'],
    });
  });

  test('every value knows where it came from', () => {
    const parsed = parse({
      files: { 'a.yaml': base },
      env: { DRIFTLINE__HTTP__HOST: '127.0.0.2' },
      flags: [{ flag: '--set group', path: 'group', text: 'flag' }],
    });
    if (!parsed.ok) throw new Error('not parsed');
    const originOf = (path: string) => originText(parsed.origins.get(path)!);
    expect(['group', 'http.port', 'http.host', 'http.enabled', 'kafka.brokers'].map(originOf)).toEqual([
      '--set group',
      'a.yaml:2:14',
      'DRIFTLINE__HTTP__HOST',
      'default',
      'a.yaml:3:18',
    ]);
  });

  test('models of several files are merged by name', () => {
    const { models } = settingsIn({
      files: {
        'a.yaml': 'models:\n  - {name: x, task: binary, baseline: x.json}\n  - {name: y, task: regression}',
        'b.yaml': 'models:\n  - {name: y, drift: {warning: 0.01}}\n  - {name: z, task: multiclass}',
      },
    });
    expect(models.map(({ name, task, drift }) => [name, task, drift.warning])).toEqual([
      ['x', 'binary', 0.1],
      ['y', 'regression', 0.01],
      ['z', 'multiclass', 0.1],
    ]);
  });

  test('lists in the environment are JSON, and text is taken as it is', () => {
    const { kafka } = settingsIn({
      env: {
        DRIFTLINE__KAFKA__BROKERS: '["a:1","b:2"]',
        DRIFTLINE__KAFKA__CLIENT_ID: '42',
        DRIFTLINE_DATA: 'x',
      },
    });
    expect(kafka.brokers).toEqual(['a:1', 'b:2']);
    expect(kafka.clientId).toBe('42');
  });

  test('a list of text may be separated by commas', () => {
    const env = { DRIFTLINE__KAFKA__BROKERS: 'a:1, b:2', DRIFTLINE__WINDOWS__ROLLUPS: '10m' };
    const { kafka, windows } = settingsIn({ env });
    expect(kafka.brokers).toEqual(['a:1', 'b:2']);
    expect(windows.rollupsMs).toEqual([600_000]);
    expect(problemsIn({ env: { DRIFTLINE__KAFKA__BROKERS: 'a:1,b' } })).toEqual([
      'DRIFTLINE__KAFKA__BROKERS: kafka.brokers[1]: expected host:port, found "b"',
    ]);
  });

  test('a section given whole lies below a single setting of it', () => {
    const env = { DRIFTLINE__HTTP__PORT: '3', DRIFTLINE__HTTP: '{"port":1,"host":"::1"}' };
    expect(settingsIn({ env }).http).toMatchObject({ port: 3, host: '::1' });
  });
});

describe('problems', () => {
  test('all are reported at once, each with its place, in the order of the file', () => {
    const text = [
      'gruop: g',
      'kafka:',
      '  broker: [a:1]',
      '  session_timeout: 10',
      'windows: {size: 5x}',
      'drift: {measure: spi, alpha: 1, min_count: 2.5}',
      'http: {port: 70000}',
      'models:',
      '  - {name: m, task: binari}',
      '  - task: binary',
    ].join('\n');
    expect(problemsIn(text)).toEqual([
      'a.yaml:1:1: gruop: unknown setting; did you mean "group"?',
      'a.yaml:3:3: kafka.broker: unknown setting; did you mean "brokers"?',
      'a.yaml:4:20: kafka.session_timeout: expected a duration such as 500ms, 10s, 5m, 24h or 30d, found 10',
      'a.yaml:5:17: windows.size: expected a duration such as 500ms, 10s, 5m, 24h or 30d, found "5x"',
      'a.yaml:6:18: drift.measure: expected one of psi, jensen_shannon, hellinger, total_variation, l_infinity, kolmogorov_smirnov, wasserstein, chi_squared, found "spi"; did you mean "psi"?',
      'a.yaml:6:30: drift.alpha: expected less than 1, found 1',
      'a.yaml:6:44: drift.min_count: expected a whole number, found 2.5',
      'a.yaml:7:14: http.port: expected at most 65535, found 70000',
      'a.yaml:9:21: models[0].task: expected one of regression, binary, multiclass, found "binari"; did you mean "binary"?',
      'a.yaml:10:5: models[1].name: is required',
    ]);
  });

  test('a setting in the wrong section is told where it belongs', () => {
    expect(problemsIn('brokers: [a:1]')).toEqual([
      'a.yaml:1:1: brokers: unknown setting; did you mean "kafka.brokers"?',
    ]);
  });

  test('an empty section says so', () => {
    expect(problemsIn('kafka:\n')).toEqual(['a.yaml:1:7: kafka: expected settings, found nothing']);
  });

  test('variables and flags are named instead of lines', () => {
    const problems = problemsIn({
      env: {
        DRIFTLINE__KAFKA__TSL__ENABLED: 'true',
        DRIFTLINE__HTTP__PORT: 'x',
        DRIFTLINE__MODELS: 'a,b',
      },
      flags: [{ flag: '--set htp.port', path: 'htp.port', text: '1' }],
    });
    expect(problems.toSorted()).toEqual([
      '--set htp.port: htp.port: unknown setting; did you mean http.port?',
      'DRIFTLINE__HTTP__PORT: http.port: expected a number, found "x"',
      'DRIFTLINE__KAFKA__TSL__ENABLED: kafka.tsl.enabled: unknown setting; did you mean kafka.tls.enabled?',
      'DRIFTLINE__MODELS: models: expected JSON, for example ["a","b"] or {"a":1}',
    ]);
  });

  test('secrets in files and flags are refused, and not repeated in the message', () => {
    const problems = problemsIn({
      files: {
        'a.yaml':
          'kafka: {sasl: {mechanism: plain, username: u, password: hunter2}}\nredis: {url: "redis://u:hunter2@h"}',
      },
      flags: [{ flag: '--set redis.password', path: 'redis.password', text: 'hunter2' }],
    });
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).not.toContain('hunter2');
    expect(problems[0]).toBe(
      'a.yaml:1:57: kafka.sasl.password: a secret is given by kafka.sasl.password_file or DRIFTLINE__KAFKA__SASL__PASSWORD',
    );
  });

  test('a name in __proto__ is refused from the environment too', () => {
    expect(
      problemsIn({
        env: { DRIFTLINE__MODELS: '[{"name":"m","task":"binary","features":{"__proto__":"numeric"}}]' },
      }),
    ).toHaveLength(1);
  });
});

describe('settings that do not fit together', () => {
  test.each([
    ['windows: {rollups: [7m]}', 'windows.rollups[0]: 7m must be a greater multiple of windows.size (5m)'],
    [
      'windows: {rollups: [1h, 90m]}',
      'windows.rollups[1]: 90m must be a greater multiple of the roll-up before it (1h)',
    ],
    ['windows: {rollups: [5m]}', 'windows.rollups[0]: 5m must be a greater multiple of windows.size (5m)'],
    [
      'retention: {windows: 1h}',
      'retention.windows: must be at least 1445m: a window that can still change, or go into a roll-up, must be there',
    ],
    [
      'retention: {rollups: 1d}',
      'retention.rollups: must be at least 2d: a roll-up that can still change must be there',
    ],
    ['alerts: {window: 30m}', 'alerts.window: must be windows.size or one of windows.rollups: 5m, 1h, 1d'],
    ['alerts: {raise: {windows: 6}}', 'alerts.raise.windows: cannot be greater than alerts.raise.of (5)'],
    ['drift: {warning: 0.3}', 'drift.critical: must not be below the warning level (0.3)'],
    ['evaluation: {interval: 20s}', 'evaluation.lease: must not be shorter than evaluation.interval'],
    ['kafka: {topics: {labels: predictions}}', 'kafka.topics.labels: the same topic as predictions'],
    ['kafka: {tls: {ca_file: a}}', 'kafka.tls.enabled: certificate files are given but TLS is off'],
    ['kafka: {tls: {enabled: true, cert_file: a}}', 'kafka.tls.key_file: a certificate needs its key'],
    [
      'kafka: {sasl: {username: a}}',
      'kafka.sasl.mechanism: a user or password is given but no mechanism: plain, scram-sha-256 or scram-sha-512',
    ],
    [
      'kafka: {sasl: {mechanism: plain, username: a}}',
      'kafka.sasl.password_file: SASL needs a password: password_file, or DRIFTLINE__KAFKA__SASL__PASSWORD',
    ],
    [
      'kafka: {sasl: {mechanism: oauthbearer}}',
      'kafka.sasl.token_file: oauthbearer needs one of token_file and token_url',
    ],
    [
      'kafka: {sasl: {mechanism: oauthbearer, token_file: a, username: b}}',
      'kafka.sasl.username: a token from a file needs no user and no password',
    ],
    [
      'kafka: {sasl: {mechanism: oauthbearer, token_url: "https://a", password_file: b}}',
      'kafka.sasl.username: SASL needs a user name',
    ],
    [
      'kafka: {sasl: {token_file: a}}',
      'kafka.sasl.mechanism: a token is configured: the mechanism must be oauthbearer',
    ],
    ['http: {tls: {cert_file: a}}', 'http.tls.key_file: a certificate needs its key'],
    [
      'http: {tls: {client_ca_file: a}}',
      'http.tls.cert_file: certificates of clients are asked for over HTTPS only: it needs a certificate of its own',
    ],
    ['redis: {url: "redis://a,b"}', 'redis.mode: several addresses are given: must be cluster or sentinel'],
    ['redis: {mode: cluster, url: "redis://a,b/1"}', 'redis.url: a cluster has no database but 0'],
    ['redis: {mode: sentinel}', 'redis.sentinel.primary: sentinels must be told the name of the primary'],
    ['redis: {sentinel: {primary: a}}', 'redis.mode: redis.sentinel is given: must be sentinel'],
    ['redis: {tls: {ca_file: a}}', 'redis.url: TLS is configured: the address must begin with rediss://'],
    [
      'models: [{name: a, task: binary, baseline: b.json, features: {x: numeric}}]',
      'models[0].features: the baseline knows the features: give one of baseline and features',
    ],
    [
      'models: [{name: a, task: binary, features: {dist: numeric}, plain: [dits]}]',
      'models[0].plain[0]: the model has no feature "dits"; did you mean "dist"?',
    ],
    [
      'models: [{name: a, task: binary, features: {dist: numeric}, distinct: [dits]}]',
      'models[0].distinct[0]: the model has no feature "dits"; did you mean "dist"?',
    ],
    [
      'models: [{name: a, task: binary, features: {dist: numeric}, drift: {features: {dits: {}}}}]',
      'models[0].drift.features.dits: the model has no feature "dits"; did you mean "dist"?',
    ],
    [
      'models: [{name: a, task: binary, drift: {warning: 0.5}}]',
      'models[0].drift.critical: must not be below the warning level (0.5)',
    ],
    [
      'models: [{name: a, task: binary, drift: {features: {x: {critical: 0.01}}}}]',
      'models[0].drift.features.x.critical: must not be below the warning level (0.1)',
    ],
    ['models: [{name: a, task: binary}, {name: a, task: binary}]', 'models[1].name: the name "a" is taken'],
  ])('%s', (text, problem) => {
    const problems = problemsIn(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^a\.yaml:1:\d+: /);
    expect(problems[0]?.replace(/^a\.yaml:1:\d+: /, '')).toBe(problem);
  });

  test('a password by file and by environment is one too many', () => {
    const problems = problemsIn({
      files: { 'a.yaml': 'redis: {password_file: p}' },
      env: { DRIFTLINE__REDIS__PASSWORD: 'x' },
    });
    expect(problems).toEqual([
      'a.yaml:1:24: redis.password_file: the secret is given by file and by environment; keep one',
    ]);
  });

  test('a mistake in one model hides nothing in another', () => {
    const text = 'models:\n  - {name: a, task: nonsense}\n  - {name: b, task: binary, drift: {warning: 0.5}}';
    expect(problemsIn(text)).toHaveLength(2);
  });

  test('features of a model without a baseline may have rules for the columns of the prediction', () => {
    const text =
      'models: [{name: a, task: binary, features: {x: numeric}, drift: {features: {"@score": {warning: 0.05}}}}]';
    expect(problemsIn(text)).toEqual([]);
  });
});
