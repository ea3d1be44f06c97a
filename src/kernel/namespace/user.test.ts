import assert from "node:assert/strict";
import { test } from "node:test";
import { CAP_CHOWN, CAP_SYS_ADMIN, userCred } from "../security/cred.ts";
import { FIRST_USER_NAMESPACE, INVALID_ID, OVERFLOW_ID, UserNamespace } from "./user.ts";

const made = (owner: number, parent = FIRST_USER_NAMESPACE) =>
  new UserNamespace({ parent, owner, group: owner, parentCouldSetfcap: false });
const root = userCred(0, 0);

test("user_namespaces(7): IDs have a number in a namespace only where its map has one", () => {
  const namespace = made(1000);
  assert.equal(namespace.uid(0), INVALID_ID);
  assert.equal(namespace.showUid(1000), OVERFLOW_ID);
  namespace.uids.extents = [
    { inside: 0, outside: 1000, count: 1 },
    { inside: 1, outside: 100000, count: 65535 },
  ];
  assert.deepEqual(
    [0, 1, 65535, 65536].map((uid) => namespace.uid(uid)),
    [1000, 100000, 165534, INVALID_ID],
  );
  assert.deepEqual(
    [0, 1000, 100000, 165535].map((uid) => namespace.showUid(uid)),
    [OVERFLOW_ID, 0, 1, OVERFLOW_ID],
  );
  assert.equal(namespace.uids.downRange(1, 65535), 100000);
  assert.equal(namespace.uids.downRange(0, 2), INVALID_ID, "two extents are no range");
});

test("user_namespaces(7): a capability counts in its namespace and below, not above", () => {
  const outer = made(1000);
  const inner = made(1000, outer);
  const other = made(2000);
  const inside = root.with({ userNamespace: outer });
  assert.equal(inside.can(CAP_SYS_ADMIN), false);
  assert.equal(inside.has(CAP_SYS_ADMIN), true);
  assert.deepEqual(
    [outer, inner, other, FIRST_USER_NAMESPACE].map((n) => inside.canIn(n, CAP_SYS_ADMIN)),
    [true, true, false, false],
  );
  assert.equal(root.canIn(inner, CAP_SYS_ADMIN), true);
});

test("user_namespaces(7): who made a namespace has all capabilities in it, seen from its parent", () => {
  const maker = userCred(1000, 1000);
  const own = made(1000);
  assert.equal(maker.canIn(own, CAP_SYS_ADMIN), true);
  assert.equal(maker.canIn(made(0, own), CAP_SYS_ADMIN), true, "and in those below it");
  assert.equal(maker.canIn(made(1001), CAP_SYS_ADMIN), false);
  assert.equal(
    maker.with({ userNamespace: made(1000) }).canIn(own, CAP_SYS_ADMIN),
    false,
    "from a sibling it is nobody's",
  );
});

test("capabilities(7): over a file they count only where its owner and group are mapped", () => {
  const namespace = made(1000);
  namespace.uids.extents = namespace.gids.extents = [{ inside: 0, outside: 1000, count: 1 }];
  const inside = root.with({ userNamespace: namespace });
  assert.equal(inside.canOver({ uid: 1000, gid: 1000 }, CAP_CHOWN), true);
  assert.equal(inside.canOver({ uid: 1000, gid: 0 }, CAP_CHOWN), false);
  assert.equal(inside.canOver({ uid: 0, gid: 1000 }, CAP_CHOWN), false);
  assert.equal(root.canOver({ uid: 7, gid: 7 }, CAP_CHOWN), true);
});
