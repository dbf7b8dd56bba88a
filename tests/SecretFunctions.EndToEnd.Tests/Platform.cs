using System.Runtime.Versioning;

// File modes, signals, bash and /proc: what these tests observe is Unix.
[assembly: UnsupportedOSPlatform("windows")]
