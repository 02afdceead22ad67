// The metrics of this process on prom-client, by the names and labels of the one table.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { Fault } from '../fault.ts';
import { type MetricSpec, metrics } from '../metrics-table.ts';
import type { Meter } from '../ports.ts';

export interface ProcessMetrics {
  readonly meter: Meter;
  /** The page of /metrics in the Prometheus text format 0.0.4. */
  page(): Promise<string>;
}

/**
 * The meter of this process, with Node's own metrics beside ours, on a registry of its own. A name, a type or a label that
 * the table does not have is a Fault BUG. A gauge set to a value that is not finite takes its series away: the lag of a
 * shard that moved elsewhere is not a number.
 */
export function processMetrics(version: string): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { type, help, labels, endpoint, buckets }] of Object.entries<MetricSpec>(metrics)) {
    if (endpoint !== 'process') continue;
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'counter') counters.set(name, new Counter(options));
    else if (type === 'gauge') gauges.set(name, new Gauge(options));
    else histograms.set(name, new Histogram({ ...options, buckets: [...(buckets ?? [])] }));
  }
  const meter: Meter = {
    count: (name, labels, by) => pick(counters, name, labels).inc(labels, by),
    gauge: (name, labels, value) => {
      const gauge = pick(gauges, name, labels);
      if (Number.isFinite(value)) gauge.set(labels, value);
      else gauge.remove(labels);
    },
    observe: (name, labels, value) => pick(histograms, name, labels).observe(labels, value),
  };
  meter.gauge('driftline_build_info', { version }, 1);
  return { meter, page: () => registry.metrics() };
}

function pick<Kind>(
  known: ReadonlyMap<string, Kind>,
  name: string,
  labels: Readonly<Record<string, string>>,
): Kind {
  const metric = known.get(name);
  if (metric === undefined) throw new Fault('BUG', `There is no process metric ${name} of this type.`);
  // prom-client takes a missing label in silence, and would show it as a series of its own.
  const expected = (metrics as Readonly<Record<string, MetricSpec>>)[name]?.labels ?? [];
  const given = Object.keys(labels);
  if (given.length !== expected.length || !expected.every((label) => Object.hasOwn(labels, label)))
    throw new Fault('BUG', `${name} has the labels ${expected.join(', ')}, not ${given.join(', ')}.`);
  return metric;
}
