// @module-tag processes
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectInstructions } from '../../../../src/sdk/group/config/project-instructions.ts';

let folder: string;
let project: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'instructions-'));
  project = join(folder, 'project');
  mkdirSync(join(project, '.git'), { recursive: true });
  mkdirSync(join(project, 'inner/.claude'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a project without CLAUDE.md has no instructions', () => {
  expect(projectInstructions(project)).toBeUndefined();
  expect(projectInstructions(join(folder, 'absent'))).toBeUndefined();
});

test('the files of the whole tree are included, outermost first, and imports stay text', () => {
  writeFileSync(join(project, 'CLAUDE.md'), 'Outer. @secret.md');
  writeFileSync(join(project, 'secret.md'), 'IMPORTED');
  writeFileSync(join(project, 'inner/.claude/CLAUDE.md'), 'Inner.');
  writeFileSync(join(folder, 'CLAUDE.md'), 'Beyond the project.');
  const text = projectInstructions(join(project, 'inner')) ?? '';
  expect(text).toMatch(
    /From CLAUDE\.md of the project\n\nOuter\. @secret\.md\n\n.*From inner\/\.claude\/CLAUDE\.md.*Inner\./s,
  );
  expect(text).not.toMatch(/IMPORTED|Beyond/);
});

test('a link inside the project is followed, one out of it is not', () => {
  writeFileSync(join(folder, 'outside.md'), 'OUTSIDE');
  writeFileSync(join(project, 'inner/words.md'), 'Inside.');
  symlinkSync(join(project, 'inner/words.md'), join(project, 'CLAUDE.md'));
  expect(projectInstructions(project)).toContain('Inside.');
  rmSync(join(project, 'CLAUDE.md'));
  symlinkSync(join(folder, 'outside.md'), join(project, 'CLAUDE.md'));
  expect(projectInstructions(project)).toBeUndefined();
});

test('a linked folder outside the project is not read', () => {
  mkdirSync(join(folder, 'elsewhere'));
  writeFileSync(join(folder, 'elsewhere/CLAUDE.md'), 'OUTSIDE');
  symlinkSync(join(folder, 'elsewhere'), join(project, '.claude'));
  expect(projectInstructions(project)).toBeUndefined();
});

test('a pipe does not block the engine', () => {
  execFileSync('mkfifo', [join(project, 'CLAUDE.md')]);
  expect(projectInstructions(project)).toBeUndefined();
});

test('a very long text is truncated, with a note', () => {
  writeFileSync(join(project, 'CLAUDE.md'), 'é'.repeat(200_000));
  const text = projectInstructions(project) ?? '';
  expect(Buffer.byteLength(text)).toBeLessThan(129 * 1024);
  expect(text).toContain('CLAUDE.md is truncated');
  expect(text).not.toContain('\uFFFD');
});
