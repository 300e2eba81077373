import { foreign, imageProblem, parseImage, registryHost } from "../../components/registries-images.ts";
import { versions } from "../../versions.ts";

const sum = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("an image's name", () => {
  test.each([
    ["nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["nginx:1.29.0", { registry: "docker.io", repository: "library/nginx", tag: "1.29.0" }],
    ["grafana/grafana:12.0.0", { registry: "docker.io", repository: "grafana/grafana", tag: "12.0.0" }],
    ["docker.io/nginx:1", { registry: "docker.io", repository: "library/nginx", tag: "1" }],
    ["index.docker.io/grafana/loki", { registry: "docker.io", repository: "grafana/loki" }],
    ["ghcr.io/acme/team/app:v1", { registry: "ghcr.io", repository: "acme/team/app", tag: "v1" }],
    ["host:5000/app", { registry: "host:5000", repository: "app" }],
    ["host:5000/app:5000", { registry: "host:5000", repository: "app", tag: "5000" }],
    ["localhost/app:1", { registry: "localhost", repository: "app", tag: "1" }],
    ["LOCAL/app:1", { registry: "LOCAL", repository: "app", tag: "1" }],
    ["192.168.7.1:5000/a/b", { registry: "192.168.7.1:5000", repository: "a/b" }],
    [`ghcr.io/acme/app@${sum}`, { registry: "ghcr.io", repository: "acme/app", digest: sum }],
    [`ghcr.io/acme/app:1.2@${sum}`, { registry: "ghcr.io", repository: "acme/app", tag: "1.2", digest: sum }],
    ["app:5000", { registry: "docker.io", repository: "library/app", tag: "5000" }],
    ["a__b/c--d/e.f:1", { registry: "docker.io", repository: "a__b/c--d/e.f", tag: "1" }],
  ])("%s", (text, parts) => {
    expect(parseImage(text)).toEqual(parts);
  });

  test.each([
    ["", "nothing"],
    ["Nginx", "an upper-case repository"],
    ["ghcr.io/Acme/app", "an upper-case folder"],
    ["ghcr.io/", "no repository"],
    ["https://ghcr.io/acme/app", "a URL"],
    ["ghcr.io/acme//app", "an empty part"],
    ["acme/app/", "a slash at its end"],
    ["acme/app:", "an empty tag"],
    ["acme/app:-x", "a tag that starts with a dash"],
    [`acme/app:${"x".repeat(129)}`, "a tag of 129 characters"],
    ["acme/app@sha256:0123", "a digest that is too short"],
    ["acme/app@sha256", "a digest without a sum"],
    ["acme/a pp", "a blank"],
    ["nginx:1\n", "a line's end"],
    ["a___b", "three underscores"],
    ["-host.example/app", "a host that starts with a dash"],
  ])("%j is none: %s", (text) => {
    expect(parseImage(text)).toBeUndefined();
    expect(imageProblem(text, { requireDigest: false })).toMatch(/^is not an image's name/);
  });

  test("every image of the platform itself is one, with its registry and a fixed version", () => {
    for (const text of Object.values(versions.images)) {
      expect(imageProblem(text, { requireDigest: false })).toBeUndefined();
      expect(text.startsWith(`${parseImage(text)?.registry ?? "no registry"}/`)).toBe(true);
    }
  });
});

describe("a version", () => {
  const free = { requireDigest: false };

  test.each(["nginx:1.29.0", `nginx@${sum}`, `nginx:latest@${sum}`, "nginx:latest-alpine"])("%s is fixed", (text) => {
    expect(imageProblem(text, free)).toBeUndefined();
  });

  test("is fixed by a digest alone where one is asked for", () => {
    expect(imageProblem("nginx:1.29.0", { requireDigest: true })).toBe(
      "has no digest, and its tag can be moved: write the name with @sha256:…",
    );
    expect(imageProblem(`nginx@${sum}`, { requireDigest: true })).toBeUndefined();
  });
});

describe("an allowed registry", () => {
  test.each([
    ["ghcr.io/acme/app:1", ["ghcr.io"]],
    ["ghcr.io/acme/app:1", ["quay.io", "ghcr.io/acme"]],
    ["ghcr.io/acme/app:1", ["ghcr.io/acme/app"]],
    ["nginx:1", ["docker.io/library"]],
    ["nginx:1", ["index.docker.io"]],
    ["host:5000/app:1", ["host:5000"]],
  ])("%s lies in one of %j", (text, allowed) => {
    expect(foreign(text, allowed)).toBeUndefined();
  });

  test.each([
    ["ghcr.io/acme-evil/app:1", ["ghcr.io/acme"]],
    ["ghcr.io.evil.example/acme/app:1", ["ghcr.io"]],
    ["evil.example/ghcr.io/acme/app:1", ["ghcr.io"]],
    ["ghcr.io/app:1", ["ghcr.io/acme"]],
    ["grafana/grafana:1", ["docker.io/library"]],
    ["host:5001/app:1", ["host:5000"]],
    ["host:5000/app:1", ["host"]],
    ["nginx:1", []],
  ])("%s lies in none of %j", (text, allowed) => {
    expect(foreign(text, allowed)).toContain("outside the allowed registries");
  });

  test("is a host, and Docker Hub has one name", () => {
    for (const host of ["ghcr.io", "host:5000", "localhost", "192.168.7.1:5000", "docker.io"]) {
      expect(registryHost.safeParse(host).success).toBe(true);
    }
    for (const host of ["acme", "ghcr.io/acme", "https://ghcr.io", "index.docker.io", "registry-1.docker.io", ""]) {
      expect(registryHost.safeParse(host).success).toBe(false);
    }
  });
});
