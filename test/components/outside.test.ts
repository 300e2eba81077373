import { addressIn, insideProblems, outsidePeer, urlPeer } from "../../components/outside.ts";

const facts = { podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16" };
const vpc = { ...facts, nodeRanges: ["10.42.0.0/16"] };
const metadata = "169.254.169.254/32";

test("what lies among pods, among Services or at the cloud's metadata is not outside", () => {
  const places = (list: string[], known: Parameters<typeof insideProblems>[1]) =>
    insideProblems(list, known).map(([index]) => index);
  expect(places(["192.0.2.0/24", "10.42.9.0/24", "10.43.0.0/16", metadata, "0.0.0.0/0"], facts)).toEqual([1, 2, 3]);
  expect(places(["10.42.9.0/24", metadata], vpc)).toEqual([1]);
});

test("a wide network is without what in it is the cluster's", () => {
  expect(outsidePeer(["10.0.0.0/8", "169.254.0.0/16"], {}, facts)).toEqual({
    cidrs: ["10.0.0.0/8", "169.254.0.0/16"],
    except: ["10.42.0.0/16", "10.43.0.0/16", metadata],
    ports: {},
    amongPods: false,
  });
  expect(outsidePeer(["10.0.0.0/8"], {}, vpc)).toMatchObject({ except: [], amongPods: true });
});

test("a URL leads to the address that stands in it, or to whatever its host may be", () => {
  const ports = { api: { port: 8443 } };
  expect(urlPeer("https://192.0.2.7:8443/push", "api", facts)).toEqual({
    cidrs: ["192.0.2.7/32"],
    ports,
    amongPods: true,
  });
  expect(urlPeer("https://metrics.example:8443", "api", facts)).toEqual({
    cidrs: ["0.0.0.0/0"],
    except: ["10.42.0.0/16", "10.43.0.0/16", metadata],
    ports,
  });
  expect(["http://a.example", "https://a.example"].map((url) => urlPeer(url, "api", facts).ports)).toEqual([
    { api: { port: 80 } },
    { api: { port: 443 } },
  ]);
  expect([addressIn("http://192.0.2.7/"), addressIn("http://a.example/")]).toEqual(["192.0.2.7", undefined]);
});
