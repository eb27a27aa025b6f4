// What Zoho's SDK was seen to say, in each of its shapes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionMissing, HostMissing, placeOf } from "../src/host/host.ts";
import { addressIn, recordIn, recordShown, toldIn, userIn } from "../src/host/zoho.ts";

const by = (statusMessage: unknown) => ({
  code: "SUCCESS",
  details: { statusMessage, status: "true" },
  status: "success",
});
const PROBLEM = {
  type: "urn:santral:problem:unknown_user",
  title: "t",
  status: 422,
  detail: "d",
  code: "unknown_user",
};

test("an answer is read whether its body comes as a text or already read", () => {
  const told = { status: 200, body: { calls: [] }, retryAfter: null };
  assert.deepEqual(toldIn(by({ calls: [] })), told);
  assert.deepEqual(toldIn(by('{"calls": []}')), told);
  assert.deepEqual(toldIn(JSON.stringify(by({ calls: [] }))), told);
  assert.deepEqual(toldIn({ ...by(""), details: '{"statusMessage": {"calls": []}}' }), told);
});

test("a problem carries its own status", () => {
  assert.deepEqual(toldIn(by(PROBLEM)), { status: 422, body: PROBLEM, retryAfter: null });
  assert.equal(toldIn(by(JSON.stringify(PROBLEM))).status, 422);
  assert.equal(toldIn({ code: "SUCCESS", details: { statusMessage: PROBLEM, status: "false" } }).status, 422);
});

test("a body that has a status of its own kind is no problem", () => {
  assert.equal(toldIn(by({ status: "on" })).status, 200);
  assert.equal(toldIn(by({ code: "x", status: "on" })).status, 200);
});

test("what the gateway says by itself is known by its words", () => {
  for (const [message, status] of Object.entries({ Unauthorized: 401, Forbidden: 403, "Not Found": 404 }))
    assert.equal(toldIn(by({ message })).status, status);
  assert.equal(toldIn(by('{"message":"Too Many Requests"}')).status, 429);
  assert.equal(toldIn(by({ message: "Service Unavailable" })).status, 503);
  assert.equal(toldIn(by({ message: "something else" })).status, 502);
});

test("no body is an answer all the same", () => {
  for (const empty of ["", null]) assert.deepEqual(toldIn(by(empty)), { status: 204, body: null, retryAfter: null });
  assert.equal(toldIn({ code: "SUCCESS", details: {} }).status, 204);
});

test("what is no JSON is not taken for an answer", () => {
  assert.equal(toldIn(by("<html>")).status, 502);
  assert.throws(() => toldIn(undefined), Error);
});

test("a connection the user has not been given is told apart", () => {
  assert.throws(() => toldIn({ code: "CONNECTION_NOT_FOUND", message: "no", status: "error" }), ConnectionMissing);
  assert.throws(() => toldIn({ code: "AUTHENTICATION_FAILURE", details: {}, status: "error" }), ConnectionMissing);
});

test("the record's id is a text or a list of one; several records are none", () => {
  const shown = { module: "Leads", id: "4876876000000300001" };
  assert.deepEqual(recordShown({ Entity: "Leads", EntityId: "4876876000000300001" }), shown);
  assert.deepEqual(recordShown({ Entity: "Leads", EntityId: ["4876876000000300001"] }), shown);
  assert.equal(recordShown({ Entity: "Leads", EntityId: ["1", "2"], ButtonPosition: "ListView" }), null);
  assert.equal(recordShown({ Entity: "Deals", EntityId: "1" }), null);
  assert.equal(recordShown({}), null);
});

test("a record's name and numbers are taken from the fields of its module, each number once", () => {
  const contact = {
    id: 7,
    Full_Name: "Elif Yılmaz",
    Phone: "0532",
    Mobile: "0532",
    Other_Phone: "0212",
    Home_Phone: null,
  };
  assert.deepEqual(placeOf("Contacts", contact), {
    module: "Contacts",
    id: "7",
    name: "Elif Yılmaz",
    numbers: ["0532", "0212"],
  });
  const account = { id: "8", Account_Name: "Acme", Phone: "0212" };
  assert.deepEqual(placeOf("Accounts", account), { module: "Accounts", id: "8", name: "Acme", numbers: ["0212"] });
  // A contact's Account_Name is the company it belongs to.
  assert.equal(placeOf("Contacts", { id: "9", Last_Name: "Kaya", Account_Name: { name: "Acme" } }).name, "Kaya");
});

test("a record that is gone is none", () => {
  assert.equal(recordIn({ data: [] }), null);
  assert.equal(recordIn({ statusText: "nocontent" }), null);
  assert.deepEqual(recordIn({ data: [{ id: "1" }] }), { id: "1" });
});

test("the acting user is found in either shape, and their locale with them", () => {
  const user = { email: "ayse@example.com", full_name: "Ayşe Demir", locale: "tr_TR" };
  const found = { user: { email: "ayse@example.com", name: "Ayşe Demir" }, locale: "tr_TR" };
  assert.deepEqual(userIn(user), found);
  assert.deepEqual(userIn({ users: [user] }), found);
  assert.equal(userIn({ users: [] }).user.email, "");
});

test("the API's address is unwrapped, and has no slash at its end", () => {
  assert.equal(addressIn({ Success: { Content: "https://api.example.com/" } }), "https://api.example.com");
  assert.equal(addressIn({ Success: { content: " https://api.example.com " } }), "https://api.example.com");
  assert.throws(() => addressIn({ Error: { Content: "no such variable" } }), HostMissing);
  assert.throws(() => addressIn({ Success: { Content: "javascript:alert(1)" } }), HostMissing);
});
