import { expect, looks, test } from "./harness";

for (const [theme, lang] of looks) {
  test(`the sign-in page is accessible in ${theme} ${lang}`, async ({ open }) => {
    const face = await open({ theme, lang, on: "users" });
    await face.go("/login?expired=1");
    await face.shot(`login-${theme}-${lang}`);
    await face.accessible();
  });
}

test("a wrong password is told, the right one leads to where one wanted to go", async ({ open }) => {
  const face = await open({ on: "users", allow: [/401/] });
  await face.page.goto(`${face.base}/help?x=1`);
  await face.page.waitForURL("**/login?back=**");
  await face.page.fill("input[name=username]", "viewer");
  await face.page.fill("input[name=password]", "not this one");
  await face.page.press("input[name=password]", "Enter");
  await face.page.waitForSelector("[role=alert]");
  expect(await face.text("[role=alert]")).toContain("wrong");
  await face.signIn("viewer");
  expect(face.address()).toBe("/help?x=1");
});

test("an address elsewhere is never followed after signing in", async ({ open }) => {
  const face = await open({ on: "users" });
  await face.go("/login?back=//evil.example/x");
  await face.signIn("viewer");
  expect(new URL(face.page.url()).host).toBe(new URL(face.base).host);
});

test("a viewer sees no users and no audit log", async ({ open }) => {
  const face = await open({ as: "viewer", allow: [/403/] });
  await face.go("/settings");
  expect(await face.page.locator("nav a:has-text('Users')").count()).toBe(0);
  await face.go("/settings/users");
  await face.page.waitForSelector("text=You may not see this");
  await face.shot("forbidden");
});

test("an admin adds a user, who must change the password first", async ({ open }) => {
  const admin = await open({ as: "admin" });
  await admin.go("/settings/users");
  await admin.accessible();
  await admin.shot("settings-users");
  await admin.page.click("button:has-text('Add user')");
  await admin.page.getByLabel("Name").fill("newcomer");
  await admin.accessible("[role=dialog]");
  await admin.page.click("[role=dialog] button[type=submit]");
  await admin.page.waitForSelector("td:has-text('newcomer')");
  await admin.go("/settings/audit");
  await admin.page.waitForSelector("td:has-text('newcomer')");
  await admin.shot("settings-audit");
  await admin.accessible();

  const fresh = await open({ as: "fresh", allow: [/403/] });
  expect(fresh.address()).toContain("/settings/password");
  await fresh.shot("must-change");
});

test("a token is made, shown once and revoked", async ({ open }) => {
  const face = await open({ as: "analyst" });
  await face.go("/settings/tokens");
  await face.page.click("button:has-text('New token')");
  await face.page.getByLabel("Name").fill("grafana");
  await face.page.click("[role=dialog] button[type=submit]");
  const secret = await face.text("[data-secret]");
  expect(secret.length).toBeGreaterThan(20);
  await face.shot("token-secret");
  await face.page.click("[role=dialog] button:has-text('Close') >> nth=-1");
  await face.page.waitForSelector("td:has-text('grafana')");
  expect(await face.page.content()).not.toContain(secret);
  await face.page.click("button:has-text('Revoke')");
  await face.page.click("[role=dialog] button:has-text('Revoke')");
  await face.page.waitForSelector("text=No tokens");
});

test("signing out ends the session", async ({ open }) => {
  const face = await open({ as: "viewer", allow: [/401/] });
  await face.page.click("[aria-label='Your account']");
  await face.page.click("text=Sign out");
  await face.page.waitForURL("**/login**");
  await face.page.goto(`${face.base}/settings`);
  await face.page.waitForURL("**/login?back=**");
});

test("a session that ended leads through the sign-in back to the same place", async ({ open }) => {
  const face = await open({ as: "viewer", allow: [/401/] });
  await face.go("/explore?q=event.action:BLOCK&from=now-7d");
  await face.context.clearCookies();
  await face.page.click("[aria-label=Refresh]");
  await face.page.waitForSelector("text=Your session has ended");
  await face.signIn("viewer");
  expect(face.address()).toBe("/explore?q=event.action:BLOCK&from=now-7d");
});
