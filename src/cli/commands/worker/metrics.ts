import type { WorkerStanding } from '../../../fleet/redis/redis-worker.ts';

const PREFIX = 'session_groups_worker';

/** In Prometheus's text format. */
export function metricsText(standing: WorkerStanding): string {
  const { live, taken, outcomes, reportsWaiting, concurrency } = standing;
  const { isDraining, isConnected, reconnects } = standing;
  return [
    ...metric('attempts', 'gauge', 'Attempts that the worker has now.', live),
    ...metric('concurrency', 'gauge', 'Attempts that it has at most.', concurrency),
    ...metric('orders_taken_total', 'counter', 'Orders that it has taken.', taken),
    ...heading('orders_finished_total', 'counter', 'Orders that it has no more, by what became of them.'),
    ...Object.entries(outcomes).map(
      ([outcome, count]) => `${PREFIX}_orders_finished_total{outcome="${outcome}"} ${count}`,
    ),
    ...metric('reports_waiting', 'gauge', 'Reports that Redis does not have yet.', reportsWaiting),
    ...metric('redis_connected', 'gauge', '1 while Redis can be reached.', Number(isConnected)),
    ...metric(
      'redis_reconnects_total',
      'counter',
      'Connections that were lost and are there again.',
      reconnects,
    ),
    ...metric('draining', 'gauge', '1 once it takes no more orders.', Number(isDraining)),
    '',
  ].join('\n');
}

const heading = (name: string, type: 'gauge' | 'counter', help: string): string[] => [
  `# HELP ${PREFIX}_${name} ${help}`,
  `# TYPE ${PREFIX}_${name} ${type}`,
];

const metric = (name: string, type: 'gauge' | 'counter', help: string, value: number): string[] => [
  ...heading(name, type, help),
  `${PREFIX}_${name} ${value}`,
];
