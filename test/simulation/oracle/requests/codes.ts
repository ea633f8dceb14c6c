/** Spec §14: what kinds of codes there are. */

/** Codes that say something about the machine or about who owns the group, not about its state. */
export const MACHINE = new Set([
  ...[
    'store_failed',
    'store_read_only',
    'store_io',
    'disk_full',
    'journal_read_only',
    'journal_io',
    'journal_closed',
  ],
  ...['records_lost', 'config_not_written', 'result_lost', 'history_missing', 'owner_gone', 'owner_leaving'],
  ...['owner_not_answering', 'owner_contended', 'owner_unreadable', 'owned_elsewhere', 'manager_disposed'],
  ...['address_in_use', 'disposed', 'not_kept', 'too_many_requests', 'too_many_connections', 'unknown_group'],
]);
/** What is wrong with the request itself, whatever the state. */
export const INPUT = new Set([
  ...[
    'invalid_argument',
    'invalid_request',
    'invalid_params',
    'invalid_definition',
    'unknown_session',
    'slug_is_fixed',
  ],
  ...['cycle', 'duplicate_session', 'bad_request', 'archived', 'agent_reports_no_usage'],
]);
export const DISK_CODES =
  /^(store_|disk_full|journal_(io|read_only)|config_not_written|records_lost|result_lost)/;

export const REACHED: ReadonlySet<string> = new Set(['pause', 'stop', 'resume', 'setMaxBudget']);
/** Verbs and codes that depend on more than the oracle knows. */
export const DEPENDS = new Set(['update sessions_in_the_way', 'delete unmerged_work']);

export const firstLine = (message = ''): string => message.split('\n')[0] ?? '';
