//! Sets of failed nodes, by how many of each class are in them.

use super::need::NodeIndex;

/// How many of each class have failed.
pub(super) type Counts = Vec<u16>;

/// The number of count vectors with a sum of at most `most`; saturates.
pub(super) fn number(classes: &[Vec<NodeIndex>], most: usize) -> u64 {
    let mut ways = vec![0u64; most + 1];
    ways[0] = 1;
    for class in classes {
        for sum in (0..=most).rev() {
            let from = sum.saturating_sub(class.len());
            ways[sum] = ways[from..=sum].iter().fold(0, |n, w| n.saturating_add(*w));
        }
    }
    ways.iter().fold(0, |n, w| n.saturating_add(*w))
}

/// The number of subsets of `nodes` nodes with at most `most` members; saturates.
pub(super) fn subsets(nodes: usize, most: usize) -> u128 {
    let (mut total, mut of_size) = (0u128, 1u128);
    for size in 0..=most.min(nodes) {
        total = total.saturating_add(of_size);
        // C(n, k + 1) = C(n, k) · (n − k) / (k + 1), without a remainder.
        let (more, by) = ((nodes - size) as u128, size as u128 + 1);
        of_size = of_size.checked_mul(more).map_or(u128::MAX, |product| product / by);
    }
    total
}

/// All count vectors with the sum `size`, in a stable order.
pub(super) fn of_size(classes: &[Vec<NodeIndex>], size: usize, visit: &mut impl FnMut(&Counts)) {
    let room: Vec<usize> = (0..=classes.len()).map(|at| classes[at..].iter().map(Vec::len).sum()).collect();
    let mut counts = vec![0; classes.len()];
    fill(classes, &room, 0, size, &mut counts, visit);
}

fn fill(
    classes: &[Vec<NodeIndex>],
    room: &[usize],
    at: usize,
    left: usize,
    counts: &mut Counts,
    visit: &mut impl FnMut(&Counts),
) {
    if left > room[at] {
        return;
    }
    if at == classes.len() {
        visit(counts);
        return;
    }
    for count in (0..=left.min(classes[at].len())).rev() {
        counts[at] = u16::try_from(count).unwrap_or(u16::MAX);
        fill(classes, room, at + 1, left - count, counts, visit);
    }
    counts[at] = 0;
}

/// The set that stands for a count vector: the first nodes of each class.
pub(super) fn stand_in(classes: &[Vec<NodeIndex>], counts: &[u16], nodes: usize) -> Vec<bool> {
    let mut failed = vec![false; nodes];
    for (class, count) in classes.iter().zip(counts) {
        for node in &class[..usize::from(*count)] {
            failed[*node] = true;
        }
    }
    failed
}
