import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { areDue, type Certificate, certificateLines, expiryOf, statusOf } from "../../embedded/certificates.ts";

const day = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), "quintet-certificates-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A certificate that lives for so many days from now. */
function madeFor(days: number): string {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const to = ["-keyout", key, "-out", cert, "-days", String(days), "-subj", "/CN=short"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...to], { stdio: "pipe" });
  return readFileSync(cert, "utf8");
}

const short = madeFor(100);

test("nothing expires unnoticed: as its days go by, a real certificate is told of four times, and fails twice", () => {
  const expires = expiryOf("/etc/kubernetes/pki/apiserver.crt", short) ?? "";
  const one: Certificate = { node: "m1", file: "/etc/kubernetes/pki/apiserver.crt", expires };
  const told = [5, 15, 60, 75, 90, 99, 100.5, 400].map((days) => {
    const now = Date.now() + days * day;
    return [days, statusOf(one, now), areDue([one], now)];
  });
  expect(told).toEqual([
    [5, "", false],
    [15, "within 90 days", false],
    [60, "within 90 days", false],
    [75, "within 30 days", false],
    [90, "within 14 days", true],
    [99, "within 14 days", true],
    [100.5, "expired", true],
    [400, "expired", true],
  ]);
});

test("a kubeconfig's certificate is read out of it; one without is none", () => {
  const kubeconfig = (user: object) => stringify({ users: [{ name: "admin", user }] });
  const data = Buffer.from(short).toString("base64");
  const expires = expiryOf("/etc/kubernetes/pki/apiserver.crt", short);
  expect(expiryOf("/etc/kubernetes/admin.conf", kubeconfig({ "client-certificate-data": data }))).toBe(expires);
  expect(expiryOf("clusters/lab/kubeconfig", kubeconfig({ "client-certificate-data": data }))).toBe(expires);
  const elsewhere = { "client-certificate": "/var/lib/kubelet/pki/kubelet-client-current.pem" };
  expect(expiryOf("/etc/kubernetes/kubelet.conf", kubeconfig(elsewhere))).toBeUndefined();
});

test("a file that is no certificate is an error, and not a certificate that lasts", () => {
  expect(() => expiryOf("/etc/kubernetes/pki/apiserver.crt", "")).toThrow();
});

describe("the table", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const on = (node: string, expires: string) => ({ node, file: "/etc/kubernetes/pki/apiserver.crt", expires });

  test("has what ends first on top, and says what to do", () => {
    const all = [on("m1", "2027-11-22T12:00:00Z"), on("m2", "2026-12-01T12:00:00Z"), on("m3", "2026-11-01T12:00:00Z")];
    expect(certificateLines(all, now)).toEqual([
      "EXPIRES           LEFT   NODE  CERTIFICATE",
      "2026-11-01 12:00  -21 d  m3    /etc/kubernetes/pki/apiserver.crt  expired",
      "2026-12-01 12:00  9 d    m2    /etc/kubernetes/pki/apiserver.crt  within 14 days",
      "2027-11-22 12:00  365 d  m1    /etc/kubernetes/pki/apiserver.crt",
      "3 certificates: 1 expired, 1 within 14 days. Renew them: npm run cluster -- certificates --renew",
    ]);
  });

  test("says when there is nothing to do", () => {
    expect(certificateLines([on("m1", "2027-11-22T12:00:00Z")], now).at(-1)).toBe(
      "1 certificates: none ends within 90 days.",
    );
  });
});
