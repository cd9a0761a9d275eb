export { type DraftedTest, doubtOfDrafts } from './draft-doubt.ts';
export { type EnvironmentRecord, environmentOf, environmentSchema } from './environment.ts';
export { gpusIn } from './exporters/dcgm-text.ts';
export type { ExporterSamples, NodeExporter } from './exporters/exporters.ts';
export { doubtOfHost } from './overload.ts';
export type { RedfishAccess } from './redfish-access.ts';
export { type BeyondServer, clientMeans } from './server/beside-client.ts';
export { type DraftFigures, draftFigures } from './server/draft-figures.ts';
export type { LatencyFigures, MetricTexts } from './server/increases.ts';
export {
  type MetricNames,
  type MetricsPlace,
  type PublishedMetrics,
  serverLatencies,
} from './server/metric-names.ts';
export { metricsAt } from './server/metrics-place.ts';
export { isPublished } from './server/samples.ts';
export type { ReadableMetrics, ServerReport } from './server/server-report.ts';
export type { Subject } from './source.ts';
export { telemetrySources } from './sources/list.ts';
export { redfish } from './sources/redfish.ts';
export type { PowerSummary, Telemetry } from './summary.ts';
export { type ServerWatch, type WatchedServer, type Witness, watchServer } from './watch-server.ts';
export { type TelemetryOptions, watchTelemetry } from './watch-telemetry.ts';
