import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './is-public-address.ts';

describe('addresses of the public internet', () => {
  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.1',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '168.63.129.15',
    '2606:4700:4700::1111',
    '2001:4860:4860::8888',
    '2a00:1450:4001:80b::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
    '2606:4700::5efe:8.8.8.8',
  ])('%s may be fetched', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

const REFUSED: readonly (readonly [string, readonly string[]])[] = [
  ['this network', ['0.0.0.0', '0.1.2.3', '::']],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', 'fc00::1', 'fd12:3456::1', 'fec0::1']],
  ['link-local', ['169.254.0.1', 'fe80::1', 'febf::1']],
  ['carrier-grade NAT', ['100.64.0.0', '100.127.255.255']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1']],
  ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
  ['benchmarks, reserved, broadcast', ['198.18.0.1', '198.19.255.255', '240.0.0.1', '255.255.255.255', '2001:2::1']],
  ['protocol assignments and relays', ['192.0.0.1', '192.88.99.1', '2001::1', '2001:10::1', '100::1', '5f00::1']],
  ['metadata of clouds', ['169.254.169.254', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254']],
  ['mapped IPv4 of such', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:10.0.0.1']],
  ['compatible IPv4 and translated forms', ['::127.0.0.1', '::8.8.8.8', '::ffff:0:127.0.0.1']],
  ['NAT64 of such', ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1.1.1.1']],
  ['6to4 and ISATAP of such', ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:c0a8:1::1', '2606:4700::5efe:10.0.0.1']],
  ['Teredo', ['2001:0:4136:e378:8000:63bf:3fff:fdd2']],
  ['zones', ['fe80::1%eth0', '2606:4700:4700::1111%1']],
  ['no addresses', ['', 'localhost', '127.1', '0x7f.1', '2130706433', '1.1.1.1.', '[::1]', '1.1.1.256']],
];

describe.each(REFUSED)('%s', (_name, addresses) => {
  test.each(addresses)('%s is refused', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
