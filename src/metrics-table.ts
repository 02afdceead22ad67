// The one table of metrics: every name, what it means, its labels, and which endpoint shows it.
// `process` is this process (/metrics); `results` is what the system as a whole has found (/metrics/results).

export type MetricEndpoint = 'process' | 'results';

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly endpoint: MetricEndpoint;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** Seconds, from one checkpoint over a local network to one that is in trouble. */
const durationBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds between the end of a window and its result: disorder, grace and idleness make the middle, outages the end. */
const delayBuckets = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400];
/** Seconds that the process itself takes: around the promised two they are narrow. */
const freshnessBuckets = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 5, 10, 30, 60, 300];

const counter = (help: string, ...labels: string[]): MetricSpec => ({
  type: 'counter',
  help,
  labels,
  endpoint: 'process',
});
const gauge = (help: string, ...labels: string[]): MetricSpec => ({
  type: 'gauge',
  help,
  labels,
  endpoint: 'process',
});
const histogram = (help: string, buckets: readonly number[], ...labels: string[]): MetricSpec => ({
  ...{ type: 'histogram', help, labels, buckets },
  endpoint: 'process',
});
const finding = (help: string, ...labels: string[]): MetricSpec => ({
  type: 'gauge',
  help,
  labels,
  endpoint: 'results',
});

export const metrics = {
  driftline_events_total: counter('Events read, by what became of them.', 'stream', 'outcome'),
  driftline_dead_letters_total: counter('Events sent to the dead-letter topic.', 'stream', 'reason'),
  driftline_unknown_features_total: counter(
    'Feature values whose names the baseline does not know.',
    'model',
  ),
  driftline_pooled_events_total: counter(
    'Events counted under the version `(other)`, because their window has as many versions as are kept apart.',
    'model',
  ),
  driftline_late_events_total: counter('Events that came after their window had been published.', 'stream'),
  driftline_lost_records_total: counter(
    'Records that the log had deleted before they were read.',
    ...['stream'],
  ),
  driftline_consumer_lag_records: gauge(
    'Records between the last one read and the end of the log.',
    'stream',
    'shard',
  ),
  driftline_watermark_timestamp_seconds: gauge('Event time that a shard has reached.', 'shard'),
  driftline_watermark_lag_seconds: gauge(
    'How far the event time of a shard lies behind the wall clock; negative where its producers run ahead.',
    'shard',
  ),
  driftline_owned_shards: gauge('Shards that this process owns.'),
  driftline_checkpoints_total: counter(
    'Checkpoints, by outcome: written, fenced, moved or failed.',
    'outcome',
  ),
  driftline_checkpoint_duration_seconds: histogram('Time that a checkpoint takes.', durationBuckets),
  driftline_evaluations_total: counter('Evaluations of a window, by outcome.', 'outcome'),
  driftline_evaluation_duration_seconds: histogram(
    'Time that the evaluation of a window takes.',
    durationBuckets,
    'model',
  ),
  driftline_event_to_result_seconds: histogram(
    'Time from the moment when event time had passed the end of a base window, grace included, in every shard to the publication of its first result.',
    freshnessBuckets,
    'model',
  ),
  driftline_window_to_result_seconds: histogram(
    'Time from the end of a window, as event time, to the publication of its first result by the wall clock: disorder, grace and idleness included.',
    delayBuckets,
    'model',
  ),
  driftline_revisions_total: counter(
    'Results published again, by reason: late_events for a base window, revised_parts for a roll-up of one.',
    ...['model', 'reason'],
  ),
  driftline_alerts_total: counter('Alerts published.', 'type', 'severity'),
  driftline_outbox_rows: gauge(
    'Messages of a model that were committed but not acknowledged by the broker when last looked at; at most 100 are looked at.',
    'model',
  ),
  driftline_shortened_messages_total: counter(
    'How often a message was too large for its topic, and was sent with less in it.',
    'topic',
  ),
  driftline_redis_available: gauge('Whether Redis takes commands (1) or is being waited for (0).'),
  driftline_redis_retries_total: counter(
    'Commands that Redis did not take now and that were tried again, by what kept it.',
    'reason',
  ),
  driftline_stalled: gauge(
    'Whether something has made no progress for `alerts.stalled_after` (1) or not (0), by reason: reading, event_time, results or store.',
    'reason',
  ),
  driftline_stalls_total: counter('How often such a standstill was announced.', 'reason'),
  driftline_open_windows: gauge(
    'Windows that this process holds in memory, each once for every version in it.',
    'shard',
  ),
  driftline_group_joins_total: counter('How often this process has joined its consumer group.'),
  driftline_build_info: gauge('Always 1; the label says which version runs.', 'version'),

  driftline_feature_drift_score: finding(
    'How far a feature in the newest window lies from its baseline; higher is worse.',
    ...['model', 'version', 'window', 'feature', 'statistic'],
  ),
  driftline_feature_drift_threshold: finding(
    'What the score has to exceed: the configured level or the noise floor, whichever is greater.',
    ...['model', 'window', 'feature', 'statistic', 'severity'],
  ),
  driftline_feature_drift_active: finding(
    'Whether a feature is drifting after hysteresis (1) or not (0), by severity.',
    ...['model', 'version', 'window', 'feature', 'severity'],
  ),
  driftline_prediction_drift_score: finding(
    'How far a prediction column in the newest window lies from its baseline; higher is worse.',
    ...['model', 'version', 'window', 'feature', 'statistic'],
  ),
  driftline_prediction_drift_threshold: finding(
    'What the score has to exceed: the configured level or the noise floor, whichever is greater.',
    ...['model', 'window', 'feature', 'statistic', 'severity'],
  ),
  driftline_feature_sequential_evidence: finding(
    'Evidence of the sequential detector that a feature has drifted, added up over the windows; 1 says nothing.',
    ...['model', 'version', 'window', 'feature'],
  ),
  driftline_feature_sequential_log_e_value: finding(
    'Natural logarithm of the e-value of the newest window alone: above 0 it speaks for drift, below 0 against.',
    ...['model', 'version', 'window', 'feature'],
  ),
  driftline_feature_sequential_alarm: finding(
    'Whether the evidence is an alarm (1) or not (0), with all features of the window allowed for.',
    ...['model', 'version', 'window', 'feature'],
  ),
  driftline_drifted_features_ratio: finding(
    'Share of the columns of the newest window that are drifted.',
    ...['model', 'version', 'window'],
  ),
  driftline_window_end_timestamp_seconds: finding(
    'End of the newest window that has a result; stays when the window is no longer shown.',
    ...['model', 'version', 'window'],
  ),
  driftline_window_duration_seconds: finding('Length of the window.', 'model', 'version', 'window'),
  driftline_window_revision: finding(
    'How often the newest window was published again because late events changed it.',
    ...['model', 'version', 'window'],
  ),
  driftline_window_rows: finding('Predictions in the newest window.', 'model', 'version', 'window'),
  driftline_window_status: finding(
    'Whether the newest window could be judged: 1 for the reason that holds, 0 for the others.',
    ...['model', 'version', 'window', 'reason'],
  ),
  driftline_feature_null_ratio: finding(
    'Share of the rows of the newest window in which the feature is missing.',
    ...['model', 'version', 'window', 'feature'],
  ),
  driftline_feature_new_category_ratio: finding(
    'Share of the rows of the newest window whose category the baseline does not know.',
    ...['model', 'version', 'window', 'feature'],
  ),
  driftline_quality_score: finding(
    'Quality of the newest window: realised on its labelled predictions, or estimated from the calibrated scores of all of them.',
    ...['model', 'version', 'window', 'metric', 'basis'],
  ),
  driftline_quality_score_lower: finding(
    'Lower end of the confidence interval of `driftline_quality_score`.',
    ...['model', 'version', 'window', 'metric', 'basis'],
  ),
  driftline_quality_score_upper: finding(
    'Upper end of the confidence interval of `driftline_quality_score`.',
    ...['model', 'version', 'window', 'metric', 'basis'],
  ),
  driftline_quality_degraded: finding(
    'Whether a metric of the newest window is worse than the reference lets expect (1) or not (0); absent where too few are labelled.',
    ...['model', 'version', 'window', 'metric'],
  ),
  driftline_quality_estimate_bias: finding(
    'Estimated less realised quality of the labelled predictions of the newest window.',
    ...['model', 'version', 'window', 'metric'],
  ),
  driftline_quality_finding: finding(
    'Whether the newest window shows this kind of change (1) or not (0).',
    ...['model', 'version', 'window', 'kind'],
  ),
  driftline_label_coverage_ratio: finding(
    'Labelled predictions as a share of those of the newest window that labels are joined with.',
    ...['model', 'version', 'window'],
  ),
  driftline_label_delay_seconds: finding(
    'Time from a prediction of the newest window to its first label, by level of the quantile.',
    ...['model', 'version', 'window', 'level'],
  ),
  driftline_incident_active: finding(
    'Whether an incident is open (1) or not (0), by its worst severity so far.',
    ...['model', 'segment', 'rule', 'severity'],
  ),
  driftline_result_series: finding('Series on this page, apart from this one and the next.'),
  driftline_result_series_dropped: finding('Series left out because the budget was spent.'),
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof metrics;
