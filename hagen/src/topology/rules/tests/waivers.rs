use super::*;

pub(super) const CASES: &[Case] = &[
    case(
        KubeadmStacked,
        &[("vips:\n", "waivers: [{id: ▸QR-33, reason: r}]\nvips:\n")],
        "WAIVER-1",
        Error,
        "there is no rule `QR-33` | did you mean",
    ),
    case(
        KubeadmStacked,
        &[("vips:\n", "waivers: [{id: ▸VIP-1, reason: r}]\nvips:\n")],
        "WAIVER-1",
        Error,
        "rule VIP-1 cannot be waived",
    ),
    case(
        KubeadmStacked,
        &[("vips:\n", "waivers: [{id: ▸QR-3, reason: r}]\nvips:\n")],
        "WAIVER-1",
        Warning,
        "the waiver for QR-3 covers nothing",
    ),
    case(
        KubeadmStacked,
        &[("vips:\n", "waivers: [{id: ▸qr-3, reason: r}]\nvips:\n")],
        "WAIVER-1",
        Warning,
        "the waiver for QR-3 covers nothing",
    ),
];
