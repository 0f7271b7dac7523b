"""torchvision and timm: whole models of each family, and the transforms that people keep beside them.

Parameters are cut to one number: what a model is made of is asked here, not what it has learnt.
"""

from __future__ import annotations

import enum
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from hooks import hooks
from recipes_torch import READ as OF_TORCH
from recipes_torch import saved
from torch import nn

sys.path.append(str(Path(sys.prefix, "vision")))  # where tools/frameworks.sh puts torchvision, away from transformers
# The wheel's own operators do not load beside a torch without CUDA; importing it asks for two of them by name.
_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
for _name in ("nms", "qnms"):
    if not hasattr(torch.ops.torchvision, _name):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import timm  # noqa: E402
from torchvision import models, transforms  # noqa: E402
from torchvision.models import detection, optical_flow, quantization, segmentation, video  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording import State

READ = {**OF_TORCH, "FloatFunctional.add": "no row allows to extend a module"}
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {}
_OURS = ("torchvision.", "timm.", "torch.ao.")
_ENUM = frozenset({"__new__", "__hash__"})
_CLASSIFIERS = (
    "alexnet vgg11_bn resnet18 resnet50 wide_resnet50_2 resnext50_32x4d squeezenet1_0 densenet121 shufflenet_v2_x1_0 "
    "mobilenet_v2 mobilenet_v3_small mnasnet0_5 efficientnet_b0 efficientnet_v2_s regnet_y_400mf vit_b_32 swin_t "
    "swin_v2_t convnext_tiny maxvit_t"
)
_DETECTORS = (
    "fasterrcnn_resnet50_fpn fasterrcnn_resnet50_fpn_v2 fasterrcnn_mobilenet_v3_large_fpn maskrcnn_resnet50_fpn "
    "keypointrcnn_resnet50_fpn retinanet_resnet50_fpn retinanet_resnet50_fpn_v2 ssdlite320_mobilenet_v3_large "
    "fcos_resnet50_fpn ssd300_vgg16"
)
_SEGMENTERS = "deeplabv3_resnet50 deeplabv3_mobilenet_v3_large fcn_resnet50 lraspp_mobilenet_v3_large"
_TIMM = (
    "resnet18 resnet50 resnetv2_50 efficientnet_b0 vit_tiny_patch16_224 deit_tiny_patch16_224 beit_base_patch16_224 "
    "swin_tiny_patch4_window7_224 swinv2_tiny_window8_256 convnext_atto convnextv2_atto mobilenetv3_small_050 "
    "mobilenetv4_conv_small mixer_s32_224 regnetx_002 regnety_002 densenet121 ghostnet_100 rexnet_100 xception41 "
    "inception_v3 inception_v4 inception_resnet_v2 dpn68 hrnet_w18_small darknet53 cspresnet50 cspdarknet53 nfnet_l0 "
    "maxvit_rmlp_pico_rw_256 maxvit_tiny_tf_224 poolformer_s12 levit_128s efficientformer_l1 efficientformerv2_s0 "
    "mobilevit_xxs mobilevitv2_050 edgenext_xx_small coatnet_nano_rw_224 eva02_tiny_patch14_224 tf_efficientnetv2_b0 "
    "tf_efficientnet_b0 seresnet18 seresnext26d_32x4d repvgg_a0 fastvit_t8 mobileone_s0 volo_d1_224 cait_xxs24_224 "
    "xcit_nano_12_p16_224 pvt_v2_b0 twins_svt_small visformer_tiny convmixer_768_32 gmlp_s16_224 resmlp_12_224 "
    "focalnet_tiny_srf davit_tiny hiera_tiny_224 tinynet_a lcnet_050 vgg11 skresnet18 ecaresnet26t res2net50_26w_4s "
    "resnest14d selecsls42 dla34 hardcorenas_a fbnetc_100 mnasnet_small spnasnet_100 mobilenetv2_050 crossvit_tiny_240 "
    "convit_tiny coat_lite_tiny nest_tiny_jx tnt_s_patch16_224 repvit_m0_9 tiny_vit_5m_224 samvit_base_patch16 "
    "vit_base_patch16_clip_224 vit_base_patch16_siglip_224 vit_small_patch14_dinov2 inception_next_atto"
)


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use; None where it is left out."""
    thing = getattr(sys.modules[module], name)
    if not module.startswith(_OURS):
        print(f"left out {module}.{name} {taken}: of another package", file=sys.stderr)
        return None
    if not isinstance(thing, type):
        return None if taken != {"import"} else ("", "", "a function of tensors, named, not called")
    if issubclass(thing, enum.Enum) and {hook for _, hook in hooks(thing)} <= _ENUM and taken <= {"import", "call"}:
        return ("enum", "", "a member of a list of constants")
    unread = [f"{base.__module__}.{base.__name__}.{hook}" for base, hook in hooks(thing)]
    if unread := [hook for hook in unread if hook not in READ and not hook.endswith("FloatFunctional.add")]:
        print(f"left out {module}.{name} {taken}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    if issubclass(thing, nn.Module):
        return ("module", "", "a module: its state fills __dict__")
    return ("", "", "a class without hooks: its state fills __dict__")


def states() -> Iterator[State]:
    """Yield whole models as `torch.save` writes them."""
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    for name, model in _models():
        yield saved(name, _light(model))
    yield saved("transforms", _transforms())
    yield saved("transforms of version 2", _second_transforms())


def _models() -> Iterator[tuple[str, Any]]:
    for name in _CLASSIFIERS.split():
        yield name, getattr(models, name)(num_classes=2)
    for name in ("inception_v3", "googlenet"):
        yield name, getattr(models, name)(num_classes=2, init_weights=False)
    for package, names in ((detection, _DETECTORS), (segmentation, _SEGMENTERS)):
        for name in names.split():
            yield name, getattr(package, name)(weights=None, weights_backbone=None)
    yield from (("r3d_18", video.r3d_18()), ("r2plus1d_18", video.r2plus1d_18()), ("mc3_18", video.mc3_18()))
    yield from (("resnet18 to quantise", quantization.resnet18()), ("raft_small", optical_flow.raft_small()))
    for name in _TIMM.split():
        if name in timm.list_models():
            yield f"{name} of timm", timm.create_model(name, num_classes=2)


def _light(model: Any) -> Any:
    """Return a model whose tensors have one number each."""
    for module in model.modules():
        for held in (module._parameters, module._buffers):  # noqa: SLF001
            for key, tensor in held.items():
                if tensor is not None:
                    one = torch.zeros(1, dtype=tensor.dtype)
                    held[key] = nn.Parameter(one) if isinstance(tensor, nn.Parameter) else one
    return model


def _transforms() -> Any:
    t = transforms
    return t.Compose([
        t.Resize(8), t.CenterCrop(4), t.RandomHorizontalFlip(), t.RandomVerticalFlip(), t.ColorJitter(0.1, 0.1),
        t.RandomRotation(3), t.RandomResizedCrop(8), t.ToTensor(), t.Normalize([0.5], [0.5]), t.RandomErasing(),
        t.Grayscale(), t.RandomGrayscale(), t.GaussianBlur(3), t.RandomAffine(3), t.Pad(1), t.RandomCrop(2),
        t.ToPILImage(), t.RandAugment(), t.AutoAugment(), t.TrivialAugmentWide(), t.RandomApply([t.Pad(1)]),
        t.RandomPerspective(), t.ConvertImageDtype(torch.float32), t.PILToTensor(), t.RandomChoice([t.Pad(1)]),
    ])  # fmt: skip


def _second_transforms() -> Any:
    t = v2
    return t.Compose([
        t.Resize(8), t.RandomHorizontalFlip(), t.ToDtype(torch.float32, scale=True), t.Normalize([0.5], [0.5]),
        t.ToImage(), t.RandomResizedCrop(8), t.CenterCrop(4), t.ColorJitter(0.1), t.RandomRotation(3), t.Pad(1),
        t.RandomCrop(2), t.GaussianBlur(3), t.Grayscale(),
    ])  # fmt: skip
