// A monitored model: its columns, its baseline, and the policies that judge its windows.
import type { Calendar } from '../alert/calendar.ts';
import type { AlertPolicy } from '../alert/incident.ts';
import type { NameOf } from '../codec/result.ts';
import type { PreparedBaseline } from '../drift/prepared-baseline.ts';
import type { DriftPolicy } from '../drift/result.ts';
import type { ColumnDetector } from '../drift/sequential.ts';
import type { ModelSchema } from '../profile/schema.ts';
import type { PreparedQuality } from '../quality/reference.ts';
import type { QualityPolicy } from '../quality/result.ts';

export interface MonitoredModel {
  readonly schema: ModelSchema;
  /** Undefined until a baseline is configured: profiles are kept, nothing alarms. */
  readonly baseline: PreparedBaseline | undefined;
  readonly drift: DriftPolicy;
  /** By column name; undefined where the sequential detector is off. */
  readonly detectors: ReadonlyMap<string, ColumnDetector> | undefined;
  /** What quality is measured by; undefined where labels are counted only. */
  readonly quality: PreparedQuality | undefined;
  readonly qualityPolicy: QualityPolicy;
  readonly alerts: AlertPolicy;
  readonly calendar: Calendar;
  /** What categories are called outside the process. */
  readonly nameOf: NameOf;
}

export type Models = ReadonlyMap<string, MonitoredModel>;
