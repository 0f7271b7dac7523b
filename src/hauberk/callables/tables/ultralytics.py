"""Safe callables of ultralytics. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("ultralytics 8.4.190",)

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "ultralytics.nn.modules.block": {
        "A2C2f": ("import new build", "module", "", "a module: its state fills __dict__"),
        "AAttn": ("import new build", "module", "", "a module: its state fills __dict__"),
        "ABlock": ("import new build", "module", "", "a module: its state fills __dict__"),
        "AConv": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Attention": ("import new build", "module", "", "a module: its state fills __dict__"),
        "BNContrastiveHead": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Bottleneck": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C2PSA": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C2f": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C2fAttn": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C2fCIB": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C3": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C3Ghost": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C3k": ("import new build", "module", "", "a module: its state fills __dict__"),
        "C3k2": ("import new build", "module", "", "a module: its state fills __dict__"),
        "CIB": ("import new build", "module", "", "a module: its state fills __dict__"),
        "ContrastiveHead": ("import new build", "module", "", "a module: its state fills __dict__"),
        "DFL": ("import new build", "module", "", "a module: its state fills __dict__"),
        "ELAN1": ("import new build", "module", "", "a module: its state fills __dict__"),
        "GhostBottleneck": ("import new build", "module", "", "a module: its state fills __dict__"),
        "ImagePoolingAttn": ("import new build", "module", "", "a module: its state fills __dict__"),
        "MaxSigmoidAttnBlock": ("import new build", "module", "", "a module: its state fills __dict__"),
        "PSA": ("import new build", "module", "", "a module: its state fills __dict__"),
        "PSABlock": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Proto": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Proto26": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RealNVP": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RepBottleneck": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RepCSP": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RepNCSPELAN4": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RepVGGDW": ("import new build", "module", "", "a module: its state fills __dict__"),
        "SCDown": ("import new build", "module", "", "a module: its state fills __dict__"),
        "SPPELAN": ("import new build", "module", "", "a module: its state fills __dict__"),
        "SPPF": ("import new build", "module", "", "a module: its state fills __dict__"),
    },
    "ultralytics.nn.modules.conv": {
        "Concat": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Conv": ("import new build", "module", "", "a module: its state fills __dict__"),
        "DWConv": ("import new build", "module", "", "a module: its state fills __dict__"),
        "GhostConv": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RepConv": ("import new build", "module", "", "a module: its state fills __dict__"),
    },
    "ultralytics.nn.modules.head": {
        "Classify": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Detect": ("import new build", "module", "", "a module: its state fills __dict__"),
        "OBB": ("import new build", "module", "", "a module: its state fills __dict__"),
        "OBB26": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Pose": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Pose26": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RTDETRDecoder": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Segment": ("import new build", "module", "", "a module: its state fills __dict__"),
        "Segment26": ("import new build", "module", "", "a module: its state fills __dict__"),
        "WorldDetect": ("import new build", "module", "", "a module: its state fills __dict__"),
        "v10Detect": ("import new build", "module", "", "a module: its state fills __dict__"),
    },
    "ultralytics.nn.modules.transformer": {
        "DeformableTransformerDecoder": ("import new build", "module", "", "a module: its state fills __dict__"),
        "DeformableTransformerDecoderLayer": ("import new build", "module", "", "a module: its state fills __dict__"),
        "MLP": ("import new build", "module", "", "a module: its state fills __dict__"),
        "MSDeformAttn": ("import new build", "module", "", "a module: its state fills __dict__"),
    },
    "ultralytics.nn.tasks": {
        "ClassificationModel": ("import new build", "module", "", "a module: its state fills __dict__"),
        "DetectionModel": ("import new build", "module", "", "a module: its state fills __dict__"),
        "OBBModel": ("import new build", "module", "", "a module: its state fills __dict__"),
        "PoseModel": ("import new build", "module", "", "a module: its state fills __dict__"),
        "RTDETRDetectionModel": ("import new build", "module", "", "a module: its state fills __dict__"),
        "SegmentationModel": ("import new build", "module", "", "a module: its state fills __dict__"),
        "WorldModel": ("import new build", "module", "", "a module: its state fills __dict__"),
    },
    "ultralytics.utils": {
        "IterableSimpleNamespace": ("import call build", "", "", "attributes and nothing else"),
    },
}
