// A store of groups in an SQLite database, on one machine (Node 22.13 or later). Its journal is asynchronous: what is
// appended within a turn of the event loop is written in one transaction.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  findGroup,
  GroupOwnedError,
  groupIdOf,
  JournalError,
  listedGroups,
  newGroupMeta,
} from 'session-groups';

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS groups (id TEXT PRIMARY KEY, slug TEXT, meta TEXT, owner TEXT, token TEXT);
  -- Revision 0 is the definition that the group was created with.
  CREATE TABLE IF NOT EXISTS definitions (id TEXT, revision INTEGER, "group" TEXT, PRIMARY KEY (id, revision));
  CREATE TABLE IF NOT EXISTS records (id TEXT, n INTEGER, seq INTEGER, revision INTEGER, record TEXT, PRIMARY KEY (id, n));
`;
/** How many records are in memory at a time when a history is read. */
const PAGE = 500;

/**
 * A group belongs to the process whose token its row has. Whether that process lives is known from its pid, and on Linux
 * from the time of its start, so that a pid that is used again is not taken for it.
 *
 * @param {import('node:sqlite').DatabaseSync} database only for this store; another process opens its own.
 * @returns {import('session-groups').GroupStore}
 */
export function createSqliteStore(database) {
  database.exec(SCHEMA);
  const statements = new Map();
  const prepared = sql => {
    if (!statements.has(sql)) statements.set(sql, database.prepare(sql));
    return statements.get(sql);
  };
  const all = (sql, ...values) => prepared(sql).all(...values);
  const one = (sql, ...values) => prepared(sql).get(...values);
  const run = (sql, ...values) => prepared(sql).run(...values);

  /** All or nothing, and nobody else writes meanwhile. */
  function transaction(change) {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  function idOf(word) {
    const slugs = new Map(all('SELECT id, slug FROM groups').map(({ id, slug }) => [id, slug]));
    return findGroup(word, [...slugs.keys()], id => slugs.get(id));
  }

  /** The journal says which definition is in force. */
  function groupAt(id, revision) {
    const inForce = revision ?? one('SELECT max(revision) AS last FROM records WHERE id = ?', id).last ?? 0;
    return JSON.parse(
      one('SELECT "group" FROM definitions WHERE id = ? AND revision = ?', id, inForce).group,
    );
  }

  const ownerIn = row => (row.owner === null ? undefined : publicOwner(JSON.parse(row.owner)));
  const countOf = id => one('SELECT count(*) AS records FROM records WHERE id = ?', id).records;
  const recordsOf = id =>
    all('SELECT record FROM records WHERE id = ? ORDER BY n', id).map(({ record }) => JSON.parse(record));

  function historyOf(id, { fromSeq = 0 } = {}) {
    const end = countOf(id);
    const first =
      fromSeq === 0
        ? 0
        : (one('SELECT min(n) AS n FROM records WHERE id = ? AND seq >= ?', id, fromSeq).n ?? end);
    return pages(first, end);

    async function* pages(from, to) {
      const sql = 'SELECT record FROM records WHERE id = ? AND n >= ? AND n < ? ORDER BY n';
      for (let n = from; n < to; n += PAGE) {
        for (const { record } of all(sql, id, n, Math.min(n + PAGE, to))) yield JSON.parse(record);
      }
    }
  }

  function own(id) {
    const token = randomUUID();
    transaction(() => {
      const row = one('SELECT owner FROM groups WHERE id = ?', id);
      const owner = ownerIn(row);
      if (owner?.alive) throw new GroupOwnedError(id, owner);
      const self = {
        pid: process.pid,
        start: startOf(process.pid),
        host: hostname(),
        since: new Date().toISOString(),
      };
      run('UPDATE groups SET owner = ?, token = ? WHERE id = ?', JSON.stringify(self), token, id);
    });
    return ownedGroup(id, token);
  }

  function ownedGroup(id, token) {
    const isOurs = () => one('SELECT token FROM groups WHERE id = ?', id)?.token === token;
    const assertOurs = () => {
      if (!isOurs()) throw new JournalError('journal_closed', id);
    };
    const journal = createJournal(id, assertOurs);
    return {
      group: groupAt(id),
      records: recordsOf(id),
      journal,
      sessionDir: () => undefined,
      history: options => historyOf(id, options),
      async redefine(revision, { definition, files, source }) {
        const { slug, createdAt } = groupAt(id);
        const group = stored({ id, slug, createdAt, definition, sourceFile: source?.file, files, revision });
        transaction(() => {
          assertOurs();
          run('INSERT OR REPLACE INTO definitions VALUES (?, ?, ?)', id, revision, JSON.stringify(group));
        });
        return group;
      },
      async saveMeta(meta) {
        run('UPDATE groups SET meta = ? WHERE id = ? AND token = ?', JSON.stringify(meta), id, token);
      },
      async announce(address) {
        const sql = `UPDATE groups SET owner = json_set(owner, '$.address', ?) WHERE id = ? AND token = ?`;
        run(sql, address, id, token);
      },
      async release() {
        await journal.close();
        run('UPDATE groups SET owner = NULL, token = NULL WHERE id = ? AND token = ?', id, token);
      },
    };
  }

  /** Writes in transactions: when one fails, nothing of it is there, and nothing is written until `recover`. */
  function createJournal(id, assertOurs) {
    let next = countOf(id);
    let queue = [];
    let failure;
    let isClosed = false;

    function write() {
      const batch = queue;
      queue = [];
      try {
        if (failure) throw failure;
        transaction(() => {
          assertOurs();
          for (const [index, { record }] of batch.entries()) insert(next + index, record);
        });
        next += batch.length;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        failure ??= error instanceof JournalError ? error : new JournalError(codeOf(error), id, error);
        for (const { reject } of batch) reject(failure);
      }
    }

    function insert(n, record) {
      const revision = record.type === 'group_updated' ? record.revision : null;
      run(
        'INSERT INTO records VALUES (?, ?, ?, ?, ?)',
        id,
        n,
        record.seq ?? null,
        revision,
        JSON.stringify(record),
      );
    }

    const written = () => new Promise(resolve => (queue.length === 0 ? resolve() : setImmediate(resolve)));
    return {
      append(record) {
        if (isClosed) return Promise.reject(new JournalError('journal_closed', id));
        if (queue.length === 0) setImmediate(write);
        return new Promise((resolve, reject) => queue.push({ record, resolve, reject }));
      },
      async recover() {
        await written();
        transaction(assertOurs);
        failure = undefined;
      },
      synced: written,
      async close() {
        await written();
        isClosed = true;
      },
    };
  }

  return {
    async create({ slug, createdAt, definition, source, files }) {
      const id = transaction(() => {
        const isTaken = id => one('SELECT 1 FROM groups WHERE id = ?', id) !== undefined;
        const id = groupIdOf(slug, createdAt, isTaken);
        const time = new Date(createdAt).toISOString();
        const group = stored({ id, slug, createdAt: time, definition, sourceFile: source?.file, files });
        run('INSERT INTO groups VALUES (?, ?, ?, NULL, NULL)', id, slug, JSON.stringify(newGroupMeta(group)));
        run('INSERT INTO definitions VALUES (?, 0, ?)', id, JSON.stringify(group));
        return id;
      });
      return own(id);
    },
    take: async word => own(idOf(word)),
    async read(word) {
      const id = idOf(word);
      const row = one('SELECT meta, owner FROM groups WHERE id = ?', id);
      const owner = ownerIn(row);
      return {
        group: groupAt(id),
        meta: JSON.parse(row.meta),
        records: recordsOf(id),
        history: options => historyOf(id, options),
        ...(owner ? { owner } : {}),
      };
    },
    list: async options =>
      listedGroups(
        all('SELECT meta FROM groups').map(({ meta }) => JSON.parse(meta)),
        options,
      ),
    async remove(word, _options, before) {
      const id = idOf(word);
      const owned = own(id);
      try {
        await before?.();
        transaction(() => {
          for (const table of ['records', 'definitions', 'groups'])
            run(`DELETE FROM ${table} WHERE id = ?`, id);
        });
      } finally {
        await owned.release();
      }
      return id;
    },
  };
}

/** As it will be read. */
const stored = group => JSON.parse(JSON.stringify(group));

const codeOf = error =>
  error.errcode === 13 ? 'disk_full' : error.errcode === 8 ? 'journal_read_only' : 'journal_io';

function publicOwner({ pid, start, ...owner }) {
  return { ...owner, pid, alive: owner.host === hostname() ? isAlive(pid, start) : true };
}

function isAlive(pid, start) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return startOf(pid) === start;
}

/** When a process was started, in ticks since the machine was; null where that can't be known. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return null;
  }
}
