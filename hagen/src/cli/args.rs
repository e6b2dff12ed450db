//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::spec::Role;

/// One description of a highly available cluster in, one sealed offline bundle per node out.
#[derive(Debug, Parser)]
#[command(name = "hagen", version, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 the input is wrong or a check failed, 2 usage, 3 the environment failed."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented starter document
    Init(InitArgs),
    /// Turn another tool's configuration into cluster.yaml
    Import(ImportArgs),
    /// Report all problems of a document, each with its place and what to write instead
    Check(CheckArgs),
    /// Tell a rule: what holds, why, and what to write
    Explain(ExplainArgs),
    /// Tell which services survive which failed nodes
    Survive(SurviveArgs),
    /// Draw the cluster
    Graph(GraphArgs),
    /// Make one sealed bundle per node
    Bundle(BundleArgs),
    /// Account for every byte of bundles
    Verify(VerifyArgs),
    /// List what a bundle holds, or print the document with all defaults
    Show(ShowArgs),
    /// Tell what changes for a node between two bundles
    Diff(DiffArgs),
    /// Print the JSON Schema of cluster.yaml
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of hagen or of one command
    Man {
        /// The command
        command: Option<String>,
    },
}

/// Which document to read.
#[derive(Args, Clone, Debug, Default)]
pub struct DocumentArgs {
    /// The document; `-` for standard input
    #[arg(short, long, value_name = "FILE", default_value = "cluster.yaml")]
    pub file: PathBuf,
}

/// The topologies that `init` can start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TopologyName {
    /// DCE 5.0: a bootstrap node and its standby behind DNS
    BootstrapHa,
    /// Rainbond: one manager, two gateways with a VIP, GlusterFS
    RainbondMinimal,
    /// Cloudpods on three nodes
    #[value(name = "cloudpods-3")]
    Cloudpods3,
    /// Cloudpods on four nodes
    #[value(name = "cloudpods-4")]
    Cloudpods4,
    /// Cloudpods on five nodes
    #[value(name = "cloudpods-5")]
    Cloudpods5,
    /// kubeadm with load balancers of their own
    KubeadmExternalLb,
    /// kubeadm with the load balancer on the control planes
    KubeadmStacked,
    /// kubeadm with the load balancer as static pods
    KubeadmStaticPod,
}

/// Arguments of `init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// What to start from
    #[arg(long)]
    pub topology: TopologyName,
    /// Where to write it; `-` for standard output. An existing file is never overwritten
    #[arg(short, long, value_name = "FILE", default_value = "cluster.yaml")]
    pub output: PathBuf,
}

/// Arguments of `import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// Where the configuration comes from
    #[command(subcommand)]
    pub source: ImportSource,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportSource {
    /// clusterConfig.yaml of DCE 5.0, v1alpha3 or v1alpha4
    Dce {
        /// Source and target.
        #[command(flatten)]
        files: ImportFile,
        /// clusterConfig.yaml of the backup bootstrap node, to take its address from
        #[arg(long, value_name = "FILE")]
        standby: Option<PathBuf>,
    },
    /// Inventory of Cloudpods' ocboot
    Ocboot(ImportFile),
}

/// The file to import.
#[derive(Args, Debug)]
pub struct ImportFile {
    /// The file; `-` for standard input
    pub file: PathBuf,
    /// Where to write cluster.yaml. An existing file is never overwritten
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// Also ask the real programs that are installed: haproxy,keepalived,named,… or `all`
    #[arg(long, value_name = "JUDGES", value_delimiter = ',')]
    pub with: Vec<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The rule, such as VIP-1; all rules without it
    pub id: Option<String>,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `survive`.
#[derive(Args, Debug)]
pub struct SurviveArgs {
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// Most nodes that fail at once
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub failures: usize,
    /// Exit 1 unless SERVICE survives any N failed nodes; may be repeated
    #[arg(long, value_name = "SERVICE=N")]
    pub require: Vec<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Forms of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// Mermaid flow chart, for Markdown
    Mermaid,
    /// Graphviz
    Dot,
    /// A picture
    Svg,
}

/// Arguments of `graph`.
#[derive(Args, Debug)]
pub struct GraphArgs {
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// The form
    #[arg(long, value_enum, default_value_t = GraphFormat::Mermaid)]
    pub format: GraphFormat,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse()
}

/// Arguments of `bundle`.
#[derive(Args, Debug)]
pub struct BundleArgs {
    /// The document; `-` for standard input. Without it and without ./cluster.yaml, the built-in example
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Only nodes with this role; may be repeated
    #[arg(long, value_parser = role)]
    pub role: Vec<Role>,
    /// Only this node; may be repeated
    #[arg(long, value_name = "NAME")]
    pub node: Vec<String>,
    /// Folder for the bundles; it is made when it is not there
    #[arg(short, long, value_name = "DIR", default_value = "bundles")]
    pub output: PathBuf,
    /// Sign with this minisign secret key; its password is read from MINISIGN_PASSWORD
    #[arg(long, value_name = "SECKEY")]
    pub key: Option<PathBuf>,
    /// Replace bundles of the same name that are there
    #[arg(long)]
    pub force: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Bundles, as archives or unpacked folders
    #[arg(required = true, value_name = "BUNDLE")]
    pub bundles: Vec<PathBuf>,
    /// Also require a signature by this minisign public key
    #[arg(long, value_name = "PUBKEY")]
    pub key: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The bundle; without it, the document with all defaults is printed
    pub bundle: Option<PathBuf>,
    /// The document.
    #[command(flatten)]
    pub document: DocumentArgs,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `diff`.
#[derive(Args, Debug)]
pub struct DiffArgs {
    /// The bundle that the node has
    pub old: PathBuf,
    /// The bundle that it would get
    pub new: PathBuf,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}
