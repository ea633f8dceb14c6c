import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  archiveRef,
  branchOf,
  checkpointRef,
  folderOf,
  mergedBranch,
  refsOf,
} from '../../../src/sdk/workspace/names.ts';
import { runs } from '../../support/runs.ts';

const ID = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
/** What `git check-ref-format` refuses, as far as ids can contain it. */
const REFUSED = /\.\.|\.lock(\/|$)|\.(\/|$)|\/\.|\/\/|[\s~^:?*[\\]|@\{/;
const GROUP = '20260101-093000-demo';

const namesOf = (session: string): string[] => [
  branchOf(GROUP, session),
  checkpointRef(GROUP, session),
  archiveRef(GROUP, session, 1, '0123456789'),
  folderOf(GROUP, session),
];

describe('names of a session', () => {
  it('are its id where git and file systems take it', () => {
    expect(namesOf('api-2.x')).toEqual([
      `refs/heads/session-groups/${GROUP}/api-2.x`,
      `refs/session-groups/${GROUP}/api-2.x/checkpoint`,
      `refs/session-groups/archive/${GROUP}/api-2.x/1-01234567`,
      expect.stringMatching(new RegExp(`^${GROUP}/sgw-api-2\\.x-[0-9a-f]{6}$`)),
    ]);
    expect(mergedBranch(GROUP)).toBe(`refs/heads/session-groups/${GROUP}/_merged`);
  });

  it.each(['a..b', 'a.', 'a.lock', 'Api', '_delivery', 'x-0123abcd'])('%s is encoded', id => {
    for (const name of namesOf(id))
      expect(name).not.toMatch(new RegExp(`/${id.replaceAll('.', '\\.')}(/|$)`));
    expect(namesOf(id).filter(name => REFUSED.test(name))).toEqual([]);
    expect(namesOf(id).join()).not.toContain('/_');
  });

  it('never are where the archive is', () => {
    expect(checkpointRef('archive', 'x')).not.toMatch(/^refs\/session-groups\/archive\//);
  });

  test.prop([ID, ID], { numRuns: runs(2_000) })(
    'are taken by git, and differ for ids that do',
    (one, other) => {
      expect(namesOf(one).filter(name => REFUSED.test(name))).toEqual([]);
      expect(branchOf(GROUP, one)).not.toBe(mergedBranch(GROUP));
      const lower = (id: string) => namesOf(id).map(name => name.toLowerCase());
      if (one !== other) expect(lower(one).filter(name => lower(other).includes(name))).toEqual([]);
      expect(refsOf(GROUP).some(prefix => archiveRef(GROUP, one, 1, '0123456789').startsWith(prefix))).toBe(
        false,
      );
    },
  );
});
