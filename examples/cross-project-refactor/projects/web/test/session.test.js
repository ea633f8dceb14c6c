import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentUser } from '../src/session.js';

test('reads the user from the cookie', () => {
  assert.equal(currentUser('theme=dark; token=ada.2000', 1000), 'ada');
  assert.equal(currentUser('token=ada.500', 1000), undefined);
  assert.equal(currentUser('', 1000), undefined);
});
