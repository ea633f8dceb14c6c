// @module-tag processes
import { fc, test as property } from '@fast-check/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { viewDelivery } from '../../src/sdk/group/delivery/delivery-view.ts';
import { diffFiles, diffNotes, hunksOf, shownName } from '../../src/serve/page/texts/diff.ts';
import { openYard, type Yard } from '../support/delivering.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

const HOSTILE_NAMES = [
  'plain.txt',
  'with space.txt',
  'tab\there.txt',
  'line\nfeed.txt',
  'quote".txt',
  'back\\slash.txt',
  'ünïcode.txt',
  'turned\u202egnp.exe',
  ' b/ b.txt',
  '<img src=x onerror=alert(1)>.html',
];

test('the names and lines of a diff are those that git changed, whatever they are called', async () => {
  for (const name of HOSTILE_NAMES) yard.repo.write(name, 'one\ntwo\nthree\n');
  yard.repo.commit('hostile');
  const script = [
    'for f in *; do printf \'one\\n-- a/forged\\n++ b/forged\\ndiff --git a/x b/x\\r\\n@@ -1 +1 @@\\n\' > "$f"; done',
    'rm -f "plain.txt"; mv "with space.txt" moved.txt; : > empty.txt; printf "\\000\\001" > binary; chmod +x "ünïcode.txt"',
  ];
  const { group } = await yard.ran([yard.script('a', script.join('\n'))], {
    workspace: { mode: 'worktree' },
  });
  const view = viewDelivery(await yard.store.read(group.id), { env: yard.env });
  const [changes, diff] = [await view.sessionChanges('a'), await view.sessionDiff('a')];
  const files = diffFiles(diff?.text ?? '');
  expect(files.map(({ path }) => path).sort()).toEqual(changes?.files.map(({ path }) => path).sort());
  for (const file of files) {
    const change = changes?.files.find(({ path }) => path === file.path);
    expect(file.before).toBe(change?.before);
    const lines = hunksOf(file).flatMap(hunk => hunk.lines);
    if (file.path === 'binary') {
      expect(diffNotes(file)).toContain('Binary files differ');
      continue;
    }
    expect(lines.filter(({ sign }) => sign === '+')).toHaveLength(change?.added ?? -1);
    expect(lines.filter(({ sign }) => sign === '-')).toHaveLength(change?.deleted ?? -1);
  }
  const turned = files.find(({ path }) => path.startsWith('turned'));
  expect(shownName(turned?.path ?? '')).toBe('turned<U+202E>gnp.exe');
  const shown = turned ? hunksOf(turned).flatMap(({ lines }) => lines.map(({ text }) => text)) : [];
  expect(shown).toContain('diff --git a/x b/x<U+000D>');
  expect(shown).toContain('@@ -1 +1 @@');
  const executable = files.find(({ path }) => path.startsWith('ünï'));
  expect(executable && diffNotes(executable)).toEqual(['old mode 100644', 'new mode 100755']);
});

const BIDI = /(?![\n\t])[\p{Cc}\p{Cf}]/u;

property.prop([fc.string({ unit: 'binary', maxLength: 400 })])(
  'DIFF-2 any text can be read, and shows nothing hidden',
  text => {
    const [file] = diffFiles(`diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n${text}`);
    const hunks = file ? hunksOf(file) : [];
    expect(hunks.length).toBeGreaterThan(0);
    for (const { head, lines } of hunks)
      for (const words of [head, ...lines.map(line => line.text)]) expect(words).not.toMatch(BIDI);
    expect(diffFiles(text).length).toBeLessThanOrEqual(text.split('diff --git ').length);
  },
);
