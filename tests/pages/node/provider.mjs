// A real OpenID provider (npm `oidc-provider`) with made-up people: what the tests of the login log in to.
// Started as `node provider.mjs PORT REDIRECT_URI PEOPLE_JSON`; says "ready" when it listens.
import Provider from "oidc-provider";

const [port, redirectUri, peopleJson] = process.argv.slice(2);
const people = JSON.parse(peopleJson);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: "mianshen", client_secret: "a-secret-for-tests", redirect_uris: [redirectUri],
    post_logout_redirect_uris: [new URL("/login", redirectUri).href] }],
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ["sub"], profile: ["uscc", "login", "name"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  cookies: { keys: ["a-key-for-tests"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
