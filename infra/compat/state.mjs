// The state of the demo account, which a walk leaves as it was.

import { demo } from "./facts.mjs";
import { answers, ask } from "./wire.mjs";

// The state of the demo account that a walk must leave as it was. Some times
// are left out, because the walk changes them: those of the account by signing
// in and by changing profiles, those of add-ons by changing a profile, and
// those of the token by requests.
export async function snapshot() {
  const get = async (path) => answers(await ask("GET", path, { token: demo.token }), 200);
  const { last_login, updated_at, ...account } = await get("/account");
  const profiles = {},
    tokens = {},
    teams = {};
  for (const { id } of await get("/profile")) {
    profiles[id] = await get(`/profile/${id}`);
    delete profiles[id].addons?.updated_at;
    tokens[id] = (await get(`/profile/${id}/token?amount=1000`)).map(
      ({ last_authorization, last_address, last_agent, ...token }) => token,
    );
    teams[id] = await get(`/profile/${id}/team`);
  }
  return { account, profiles, tokens, teams };
}

// restore removes the things that failed steps have left, so that one walk does
// not disturb the next.
export async function restore(before) {
  const after = await snapshot();
  for (const id of Object.keys(after.profiles)) {
    if (!before.profiles[id]) {
      answers(
        await ask("DELETE", `/profile/${id}`, {
          token: demo.token,
          json: { password: demo.password },
        }),
        200,
      );
      continue;
    }
    for (const { token } of after.tokens[id]) {
      if (!before.tokens[id].some((t) => t.token === token))
        await ask("DELETE", `/profile/${id}/token/${token}`, { token: demo.token });
    }
    for (const member of after.teams[id]) {
      if (!before.teams[id].some((m) => m.id === member.id))
        await ask("DELETE", `/profile/${id}/team/${member.id}`, { token: demo.token });
    }
    const { name } = before.profiles[id].info;
    if (after.profiles[id].info.name !== name)
      answers(await ask("PUT", `/profile/${id}`, { token: demo.token, json: { name } }), 200);
  }
}
