//! The stated bound of everything that can be many or long in the letter.
//!
//! The daemon sizes its tables by these numbers; a letter that passes validation always fits.

/// Longest letter that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Problems reported at once; the rest would hide the first.
pub const PROBLEMS_MAX: usize = 100;

/// Network interfaces that carry the program.
pub const INTERFACES_MAX: usize = 32;
/// Groups of addresses.
pub const GROUPS_MAX: usize = 256;
/// Addresses of one group: keepalived puts at most 20 into an advertisement that others still accept,
/// and a VRRPv3 packet over IPv6 with 20 addresses stays far below the smallest MTU (RFC 9568 §5.2.5).
pub const ADDRESSES_PER_GROUP_MAX: usize = 20;
/// Members of a group besides this node, and nodes that share flow state.
pub const PEERS_MAX: usize = 16;
/// Interfaces, services and probes that one group tracks, together.
pub const TRACKED_MAX: usize = 32;
/// Gratuitous ARP or neighbour advertisements in one burst.
pub const ANNOUNCE_COUNT_MAX: u8 = 32;
/// Longest wait before a higher priority takes over, in milliseconds (keepalived's own bound, 1000 s).
pub const PREEMPT_DELAY_MS_MAX: u32 = 1_000_000;
/// Most a failed track may take from the priority.
pub const TRACK_DROP_MAX: u8 = 253;

/// Services.
pub const SERVICES_MAX: usize = 4096;
/// Backends of one service.
pub const BACKENDS_PER_SERVICE_MAX: usize = 1024;
/// Backends of all services together.
pub const BACKENDS_TOTAL_MAX: usize = 65_536;
/// Source ranges of one service.
pub const SOURCES_PER_SERVICE_MAX: usize = 256;
/// Source ranges of all services together (entries of the longest-prefix table).
pub const SOURCES_TOTAL_MAX: usize = 16_384;
/// Addresses of one source-NAT pool.
pub const POOL_ADDRESSES_MAX: usize = 16;
/// Smallest port that source NAT may use: below are the ports of services.
pub const NAT_PORT_MIN: u16 = 1024;
/// Smallest clamp for the maximum segment size: what every IPv4 host accepts (RFC 9293 §3.7.1).
pub const MSS_MIN: u16 = 536;
/// Largest clamp for the maximum segment size: a 9216-byte frame without IPv4 and TCP headers.
pub const MSS_MAX: u16 = 9176;

/// Smallest Maglev table.
pub const MAGLEV_SLOTS_MIN: u32 = 251;
/// Largest Maglev table of one service.
pub const MAGLEV_SLOTS_MAX: u32 = 131_071;
/// Slots of all services together (4 bytes each, two generations).
pub const MAGLEV_SLOTS_TOTAL_MAX: u64 = 67_108_864;
/// Smallest flow table.
pub const FLOWS_MIN: u32 = 1024;
/// Largest flow table.
pub const FLOWS_MAX: u32 = 16_777_216;
/// Largest table of fragmented datagrams.
pub const FRAGMENTS_MAX: u32 = 1_048_576;
/// Shortest idle time after which a flow is forgotten, in milliseconds.
pub const FLOW_TIMEOUT_MS_MIN: u32 = 1_000;
/// Longest idle time after which a flow is forgotten, in milliseconds (seven days).
pub const FLOW_TIMEOUT_MS_MAX: u32 = 7 * 24 * 3_600_000;

/// Shortest interval between two probes of one backend, in milliseconds.
pub const PROBE_INTERVAL_MS_MIN: u32 = 100;
/// Longest interval between two probes of one backend, in milliseconds.
pub const PROBE_INTERVAL_MS_MAX: u32 = 3_600_000;
/// Largest jitter of the probe interval, in percent.
pub const PROBE_JITTER_PERCENT_MAX: u8 = 50;
/// Most probes in a row that a change of health may take.
pub const PROBE_STREAK_MAX: u8 = 100;
/// Most probes under way at one time.
pub const PROBE_CONCURRENCY_MAX: u16 = 1024;

/// Longest path of a Unix socket (`sun_path` without the final zero).
pub const SOCKET_PATH_BYTES_MAX: usize = 107;
/// Longest other path.
pub const PATH_BYTES_MAX: usize = 1024;
