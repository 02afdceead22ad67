// `npm run chaos`: real workers on a real Kafka and a real Redis under faults, compared with the undisturbed replay.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPrograms } from '../../deploy/local/install.ts';
import { systemClock } from '../../src/io/clock.ts';
import { createKafkaOutbound } from '../../src/io/kafka/outbound.ts';
import { newEvaluator } from '../../src/pipeline/due.ts';
import { evaluateDue } from '../../src/pipeline/evaluate.ts';
import { newClient } from '../integration/kafka-rig.ts';
import { silentLog, silentMeter } from '../pipeline/sample-models.ts';
import { topics } from './deployment.ts';
import { drain, isFounded } from './drain.ts';
import { courseOf, eventSource, partitions } from './events.ts';
import { alone, calm, inject, untilTrue, type World } from './faults.ts';
import { type ChaosOptions, readOptions } from './options.ts';
import { readOutcome, rewrittenRevisions, wrongs } from './outcome.ts';
import { produce } from './producer.ts';
import { type FaultKind, schedule } from './schedule.ts';
import { openStage, type Stage } from './stage.ts';
import { endsOf } from './topic-reader.ts';
import { undisturbed } from './undisturbed.ts';

const checkpointsBetweenFaults = 20;

const snapshotEveryMs = 6_000;

interface Happened {
  readonly faults: Partial<Record<FaultKind, number>>;
  readonly failures: string[];
}

/** Events and faults, until the time is up and every fault is over. */
async function disturb(stage: Stage, options: ChaosOptions): Promise<Happened> {
  const { world } = stage;
  const { seed, rate, minutes } = options;
  const spanMs = minutes * 60_000;
  const over = new AbortController();
  const source = eventSource(seed, courseOf(rate, spanMs, Date.now()));
  const producing = produce(world.broker.address, source, rate, spanMs, over.signal);
  for (const worker of world.workers) worker.start();
  while (!(await isFounded(stage.redis))) await sleep(200);
  const happened: Happened = { faults: {}, failures: [] };
  const photographing = photograph(world, over.signal);
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  for (const fault of schedule(seed, options.faults, spanMs)) {
    await sleep(startedAt + fault.atMs - performance.now());
    if (!fault.isRuthless) await untilAtWork(world);
    running.push(
      inject(world, fault).then(
        () => {
          happened.faults[fault.kind] = (happened.faults[fault.kind] ?? 0) + 1;
        },
        (error: unknown) =>
          void happened.failures.push(`${fault.kind} could not be made to happen: ${error}`),
      ),
    );
  }
  await Promise.all([...running, sleep(startedAt + spanMs - performance.now())]);
  over.abort();
  await Promise.all([producing, photographing]);
  return happened;
}

/**
 * Waits until the workers go on with their work: without it a slow machine would spend the run between two starts of the
 * broker, and a fault would strike nobody.
 */
async function untilAtWork({ witness }: World): Promise<void> {
  const written = (): number => witness.outcomes.written ?? 0;
  const before = written();
  await untilTrue(() => written() >= before + checkpointsBetweenFaults, 60_000);
}

/** Keeps a copy of Redis now and then, the first before any fault. */
async function photograph(world: World, until: AbortSignal): Promise<void> {
  await world.snapshots.take();
  while (!until.aborted) {
    await sleep(snapshotEveryMs, undefined, { signal: until }).catch(() => undefined);
    if (!until.aborted) await alone(world, world.redis, () => world.snapshots.take());
  }
}

/** What the workers' clock has no reason to close yet, and revisions that they have held back. */
async function finalEvaluation({ stores, deployment, world }: Stage): Promise<void> {
  const { models, settings } = deployment;
  const outbound = await createKafkaOutbound({
    ...{ client: newClient([world.broker.address]), compression: 'none' },
    topics: { results: topics.results, alerts: topics.alerts, dead_letters: topics.dead_letters },
  });
  try {
    await evaluateDue(
      newEvaluator(),
      models,
      settings.evaluation,
      {
        ...{ ...stores, outbound, clock: systemClock, log: silentLog, meter: silentMeter },
        ...{ token: randomUUID, shardCount: partitions },
      },
      { whenIdle: Infinity, final: true },
    );
  } finally {
    await outbound.close();
  }
}

async function compare(stage: Stage, happened: Happened) {
  const { world, tally, stores, deployment } = stage;
  await calm(world);
  world.tell('no more faults; waiting until everything is read and published');
  const client = newClient([world.broker.address]);
  const left = await drain(client, stage.redis, stores, deployment);
  await Promise.all([...world.workers, ...world.guests].map((worker) => worker.end('SIGTERM')));
  await finalEvaluation(stage);
  const predictions = sum(await endsOf(client, topics.predictions));
  const labels = sum(await endsOf(client, topics.labels));
  world.tell(`replaying ${predictions + labels} events`);
  const expected = await undisturbed(client, deployment);
  const outcome = await readOutcome(client, stores.results, deployment);
  const differences = [
    ...happened.failures,
    ...tally.failures,
    ...world.witness.wrongs,
    ...(left === undefined ? [] : [`the workers do not come to rest: ${left}`]),
    ...wrongs(expected, outcome, predictions, world.rollbacks),
  ];
  return {
    ...{ predictions, labels, differences, windows: outcome.ending.windows.size },
    alerts: outcome.ending.alerts.size,
    dead_letters: outcome.ending.deadLetters.size,
    rewritten: rewrittenRevisions(outcome.sent).length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function run(options: ChaosOptions): Promise<void> {
  const startedAt = performance.now();
  const sinceStart = (): number => (performance.now() - startedAt) / 1000;
  const tell = (text: string): void => console.error(`${sinceStart().toFixed(1).padStart(7)} s  ${text}`);
  installPrograms(['java', 'redis-server']);
  tell(
    `seed ${options.seed}: ${options.faults} faults in ${options.minutes} minutes, ${options.rate} events/s`,
  );
  const stage = await openStage(options.plant, tell);
  let keepFolder = true;
  try {
    const happened = await disturb(stage, options);
    const compared = await compare(stage, happened);
    keepFolder = options.keep || compared.differences.length > 0;
    report(options, stage, happened, compared, sinceStart());
    if (keepFolder) tell(`logs and data of the run: ${stage.folder}`);
    process.exitCode = Number(compared.differences.length > 0);
  } finally {
    await stage.close(keepFolder);
  }
}

function report(
  options: ChaosOptions,
  { tally, world }: Stage,
  happened: Happened,
  { differences, ...compared }: Awaited<ReturnType<typeof compare>>,
  seconds: number,
): void {
  const faults = sum(Object.values(happened.faults));
  const events = compared.predictions + compared.labels;
  const replayed = Math.max(0, tally.read - events);
  for (const [kind, times] of Object.entries(happened.faults)) {
    console.log(`${kind.padEnd(15)} ${String(times).padStart(4)}`);
  }
  console.log(
    `${faults} faults, ${events} events, ${replayed} of them read again, ${compared.windows} windows, ${compared.alerts} alerts that stand, ${compared.dead_letters} dead letters`,
  );
  console.log(
    `workers: ${tally.starts} starts, ${tally.claims} claims, checkpoints ${JSON.stringify(world.witness.outcomes)}, ended by faults ${JSON.stringify(tally.exits)}`,
  );
  for (const difference of differences.slice(0, 50)) console.log(`DIFFERENCE ${difference}`);
  console.log(`${differences.length} differences, ${seconds.toFixed(0)} s`);
  if (!options.json) return;
  console.log(
    JSON.stringify({
      ...{ seed: options.seed, faults, events, replayed, differences: differences.length },
      ...{ faults_by_kind: happened.faults, rollbacks: world.rollbacks.length, ...compared },
      ...{
        starts: tally.starts,
        claims: tally.claims,
        checkpoints: world.witness.outcomes,
        exits: tally.exits,
      },
      ...{ slowest_stop_ms: Math.round(tally.slowestStopMs), seconds: Math.round(seconds) },
      plant: options.plant ?? null,
    }),
  );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Servers and workers end with this process.
  process.on(signal, () => process.exit(130));
}
const options = readOptions(process.argv.slice(2));
if (options !== undefined) await run(options);
