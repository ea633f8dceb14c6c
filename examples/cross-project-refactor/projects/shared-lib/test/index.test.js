import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shorten } from '../src/index.js';

test('shortens what is too long', () => {
  assert.equal(shorten('authorization', 5), 'auth…');
  assert.equal(shorten('auth', 5), 'auth');
});
