//! GlusterFS volumes.

use super::*;
use crate::record;
use crate::yaml::{Map, Spanned};

record! {
    /// A replicated GlusterFS volume.
    pub struct Volume ("a volume") {
        /// The nodes that hold a copy, in order.
        nodes: Spanned<Selector>,
        /// A node that holds only names and attributes of the files, as the third voice.
        arbiter: Option<Spanned<Name>>,
        /// Copies of every file; the number of `nodes` (and the arbiter) is a multiple of it. Default:
        /// all of them.
        replica: Option<Spanned<u8>>,
        /// Folder of the brick on each node, below `brickMount`.
        brick: NodePath = fixed("/data/glusterfs"),
        /// Where the brick's file system is mounted.
        brick_mount: NodePath = fixed("/data"),
        /// Block device of the brick's file system (XFS), mounted by hagen when given.
        device: Option<Spanned<NodePath>>,
        /// Where clients mount the volume.
        mount: Spanned<NodePath>,
        /// The nodes that mount it. Default: the nodes of the volume.
        clients: Option<Spanned<Selector>>,
        /// Volume options, such as `network.ping-timeout`.
        options: Map<Word, Word>,
        /// Seconds a client waits for a lost brick, 1 to 1013.
        ping_timeout_seconds: u16 = 10,
        /// Move what the mount point held before into the volume, as an operator's step.
        migrate: bool = false,
    }
}
