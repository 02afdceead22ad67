// What the pipeline works by, taken from the configuration.
import type { Settings } from '../config/settings.ts';
import type { RunSettings } from '../pipeline/run.ts';
import type { JoinSettings } from '../pipeline/settings.ts';
import { bucketRetention } from '../quality/join-bucket.ts';

/** The slices of the configuration that the pipeline needs, by its own names; `rebuildFrom` is of one run alone. */
export function pipelineSettings(settings: Settings, rebuildFrom?: number): RunSettings {
  const { windows, limits, kafka, retention } = settings;
  return {
    ingest: {
      rebuildFrom,
      windows,
      limits,
      checkpoint: settings.checkpoint,
      labels: joinSettings(settings),
      profileRetentionMs: retention.windowsMs,
      deadLetterPayload: settings.deadLetters.payload,
      topics: kafka.topics,
      source: settings.alerts.source,
    },
    evaluation: {
      windows,
      intervalMs: settings.evaluation.intervalMs,
      leaseMs: settings.evaluation.leaseMs,
      versionsPerModel: limits.versionsPerModel,
      alertWindowMs: settings.alerts.windowMs,
      retention,
      source: settings.alerts.source,
    },
    // A quiet shard holds event time back until it is idle: that is no standstill.
    stalledAfterMs: Math.max(settings.alerts.stalledAfterMs, 2 * windows.idleAfterMs),
  };
}

function joinSettings({ labels, windows, retention }: Settings): JoinSettings {
  const times = {
    horizonMs: labels.horizonMs,
    skewMs: windows.maxClockSkewMs,
    acceptedMs: windows.sizeMs + windows.revisionHorizonMs,
  };
  return {
    ...times,
    sampleRate: labels.sampleRate,
    waitingMax: labels.waiting,
    // What is written at the close of a window must be there for its last label.
    profileRetentionMs: retention.windowsMs + Math.ceil(bucketRetention(times) / 2),
  };
}
