// The store keeps the rules of the port: node --test conformance.test.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { storeConformance } from 'session-groups/testing';
import { createSqliteStore } from './sqlite-store.mjs';

async function makeFixture() {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-store-'));
  const database = new DatabaseSync(join(folder, 'groups.db'));
  const another = new DatabaseSync(join(folder, 'groups.db'));
  const store = createSqliteStore(database);
  const refused = new Set();
  database.function('is_refused', id => (refused.delete(id) ? 1 : 0));
  database.exec(`
    CREATE TEMP TRIGGER refusing BEFORE INSERT ON records WHEN is_refused(NEW.id)
    BEGIN SELECT RAISE(ABORT, 'refused'); END
  `);
  return {
    store,
    reopen: () => createSqliteStore(another),
    killOwner(id) {
      const sql = `UPDATE groups SET token = 'dead', owner = json_set(owner, '$.start', 'long ago') WHERE id = ?`;
      another.prepare(sql).run(id);
    },
    refuseNext: id => void refused.add(id),
    cleanup() {
      for (const one of [database, another]) one.close();
      rmSync(folder, { recursive: true });
    },
  };
}

storeConformance('SQLite store', makeFixture, { test });
