import { dockerConfigJson, imagesPackConfig, readCredentials, registriesSchema } from "../../components/registries.ts";
import { requireAllowedRegistry } from "../../policies/images/require-allowed-registry.ts";
import { requireFixedVersion } from "../../policies/images/require-fixed-version.ts";
import { makeCanaries, searchFor } from "../lib/canaries.ts";

const forShop = { tenants: ["shop"], namespaces: [] };

test("without a word, every registry is allowed and none wants a login", () => {
  expect(registriesSchema.parse(undefined)).toEqual({ requireDigest: false, images: [], mirrors: {}, pullSecrets: {} });
});

describe("credentials", () => {
  const login = { username: "robot", password: "open sesame" };

  test("are read when each pull secret has its login", () => {
    const text = JSON.stringify({ "ghcr.io": login });
    expect(readCredentials(text, { "ghcr.io": forShop })).toEqual({ credentials: { "ghcr.io": login } });
    expect(readCredentials(undefined, {})).toEqual({ credentials: {} });
  });

  test("for a registry and by the name of what every object has are missing", () => {
    expect(readCredentials("{}", { constructor: forShop }).problems).toHaveLength(1);
  });

  describe("are refused without a word of what they say", () => {
    const canaries = makeCanaries();
    const { registryUsername: username, registryPassword: password } = canaries;
    const search = searchFor(canaries);

    test.each([
      ["the password alone", password],
      ["JSON that is cut off", `{"ghcr.io": {"username": "${username}", "password": "${password}`],
      ["the password as JSON", JSON.stringify(password)],
      ["a list", JSON.stringify([username, password])],
      ["the password where the host belongs", JSON.stringify({ [password]: { username, password } })],
      ["the password as a key", JSON.stringify({ "ghcr.io": { username, [password]: "" } })],
      ["the login as one text", JSON.stringify({ "ghcr.io": `${username}:${password}` })],
      ["a name without a password", JSON.stringify({ "ghcr.io": { username } })],
      ["two logins that nobody uses", JSON.stringify({ a: { username, password }, b: { username, password } })],
    ])("%s", (_, text) => {
      const { problems } = readCredentials(text, { "ghcr.io": forShop });
      expect(problems).not.toEqual([]);
      expect(problems).toBeDefined();
      expect(search.find(problems)).toEqual([]);
    });
  });
});

describe("the content of a pull secret", () => {
  const credentials = {
    "docker.io": { username: "hub", password: 'a"b' },
    "host:5000": { username: "lab", password: "é" },
    "quay.io": { username: "other", password: "other" },
  };

  test("has the logins that are asked for and no other, Docker Hub's under the key that the kubelet knows", () => {
    expect(JSON.parse(dockerConfigJson(credentials, ["docker.io", "host:5000"]))).toEqual({
      auths: {
        "https://index.docker.io/v1/": { username: "hub", password: 'a"b', auth: "aHViOmEiYg==" },
        "host:5000": { username: "lab", password: "é", auth: "bGFiOsOp" },
      },
    });
  });
});

test("the pack's configuration names its rules and their own settings", () => {
  const config = imagesPackConfig({ allowed: ["ghcr.io"], requireDigest: true });
  const rules = [requireAllowedRegistry, requireFixedVersion];
  expect(Object.keys(config).sort()).toEqual(rules.map(({ name }) => name).sort());
  for (const { name, parameters } of rules) {
    const settings = Object.entries(config).find(([rule]) => rule === name)?.[1];
    expect(parameters.parse(settings)).toEqual(settings);
  }
  expect(imagesPackConfig({ requireDigest: false })["images-require-allowed-registry"]).toEqual({});
});
