import { describe, expect, test } from 'vitest';
import { type TopicAccess, topicsCommand } from '../../src/cli/topics-command.ts';
import { wantedTopics } from '../../src/cli/wanted-topics.ts';
import { defaultSettings } from '../../src/config/settings.ts';
import { planTopics, type TopicSpec } from '../../src/io/kafka/topics.ts';
import { runInMemory } from './memory-process.ts';

const spec = (topic: string, partitions: number): TopicSpec => ({
  topic,
  partitions,
  replication: 3,
  config: {},
});

/** Brokers as a list of topics; `create` adds to it. */
function clusterOf(...topics: TopicSpec[]) {
  const held = new Map(topics.map((topic) => [topic.topic, topic]));
  const access: TopicAccess = {
    describe: async (_, names) => new Map([...held].filter(([name]) => names.includes(name))),
    plan: planTopics,
    create: async (_, specs) => {
      for (const one of specs) held.set(one.topic, one);
    },
  };
  const run = (...argv: string[]) =>
    runInMemory(['topics', ...argv, '--set', 'group=g'], { commands: [(cli) => topicsCommand(cli, access)] });
  return { held, run };
}

const partitionsOf = (held: ReadonlyMap<string, TopicSpec>) =>
  Object.fromEntries([...held.values()].map(({ topic, partitions }) => [topic, partitions]));

describe('topics', () => {
  test('plan changes nothing', async () => {
    const cluster = clusterOf(spec('predictions', 6));
    const { stdout, exitCode } = await cluster.run('plan');
    expect(exitCode).toBe(0);
    expect(cluster.held.size).toBe(1);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'topic                   partitions  copies  state    created with',
      'predictions                      6       3  exists',
      'labels                           6       -  missing  cleanup.policy=delete retention.ms=604800000',
    ]);
  });

  test('create makes what is missing, with as many partitions as the input that exists', async () => {
    const cluster = clusterOf(spec('labels', 6));
    const { stderr, exitCode } = await cluster.run('create', '--replication', '3');
    expect({ stderr, exitCode }).toEqual({ stderr: 'created 4 of 5 topics\n', exitCode: 0 });
    expect(partitionsOf(cluster.held)).toEqual({
      predictions: 6,
      labels: 6,
      'driftline.results': 6,
      'driftline.alerts': 1,
      'driftline.dead-letters': 6,
    });
    expect(cluster.held.get('predictions')?.config).toMatchObject({ 'min.insync.replicas': '2' });
    expect((await cluster.run('create')).stderr).toBe('created 0 of 5 topics\n');
  });

  test('create makes nothing when the inputs are not co-partitioned', async () => {
    const cluster = clusterOf(spec('predictions', 6), spec('labels', 4));
    const run = await cluster.run('create');
    expect(run).toMatchObject({ stdout: '', exitCode: 2 });
    expect(run.stderr).toMatch(
      /^driftline: TOPICS_NOT_COPARTITIONED: topic labels has 4 partitions, wanted are 6/,
    );
    expect(cluster.held.size).toBe(2);
  });

  test('the number of partitions of a topic that is only written does not matter', async () => {
    const cluster = clusterOf(spec('predictions', 6), spec('driftline.alerts', 5));
    expect((await cluster.run('create')).exitCode).toBe(0);
    expect(cluster.held.get('driftline.alerts')?.partitions).toBe(5);
  });

  test('a plan is JSON on demand', async () => {
    const { stdout } = await clusterOf().run('plan', '--json', '--partitions', '4');
    const steps = JSON.parse(stdout) as { kind: string; spec: TopicSpec }[];
    expect(steps.map((step) => [step.kind, step.spec.partitions])).toEqual(
      [4, 4, 4, 1, 4].map((n) => ['create', n]),
    );
  });

  test.each(['0', '-1', '1.5', 'many'])('%s is no number of partitions', async (count) => {
    const run = await clusterOf().run('plan', '--partitions', count);
    expect(run).toMatchObject({ stdout: '', exitCode: 2 });
  });
});

test('events are kept at least twice as long as windows may change', () => {
  const settings = {
    ...defaultSettings(),
    windows: { ...defaultSettings().windows, revisionHorizonMs: 10 * 86_400_000 },
  };
  const [predictions] = wantedTopics(settings, new Map(), { partitions: undefined, replication: -1 });
  expect(predictions?.config['retention.ms']).toBe(String(20 * 86_400_000));
});
