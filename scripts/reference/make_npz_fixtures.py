#!/usr/bin/env python3
"""Writes the small NPZ files under Tests/Fixtures/npz with NumPy, one property of the format each.

All of them hold the same four prefill points (and, where said, more), so that one expectation fits
all files that must be readable:
  isl 100, 400, 500, 800 · ttft 10, 20, 20, 40 · throughput 10000, 20000, 25000, 20000

Usage: make_npz_fixtures.py     Needs: numpy.
"""
import io
import pathlib
import struct
import zipfile
import zlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "npz"
POINTS = {
    "prefill_isl": [100, 400, 500, 800],
    "prefill_ttft": [10, 20, 20, 40],
    "prefill_thpt_per_gpu": [10000, 20000, 25000, 20000],
}


def arrays(dtype):
    return {name: np.array(values, dtype) for name, values in POINTS.items()}


def npy(array, version=(1, 0)):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version, allow_pickle=True)
    return buffer.getvalue()


def archive(name, members, method=zipfile.ZIP_STORED, zip64=False, comment=b""):
    with zipfile.ZipFile(FOLDER / name, "w", method) as file:
        file.comment = comment
        for member, content in members.items():
            info = zipfile.ZipInfo(member)  # its date is fixed: the same bytes on every run
            info.compress_type = method
            with file.open(info, "w", force_zip64=zip64) as target:
                target.write(content)


def zip64_archive(name, members):
    """An archive of which the directory states every size and offset in its ZIP64 form."""
    body, directory, full = b"", b"", 0xFFFFFFFF
    for member, content in members.items():
        size, checksum, member = len(content), zlib.crc32(content), member.encode()
        header = struct.pack("<5H3L", 45, 0, 0, 0, 33, checksum, size, size)
        directory += (
            b"PK\1\2" + struct.pack("<H", 45) + header[:-8] + struct.pack("<2L", full, full)
            + struct.pack("<5H2L", len(member), 28, 0, 0, 0, 0, full) + member
            + struct.pack("<2H3Q", 1, 24, size, size, len(body))
        )
        body += b"PK\3\4" + header + struct.pack("<2H", len(member), 0) + member + content
    count, end = len(members), len(body) + len(directory)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), len(body))
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    plain_end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, full, full, 0)
    (FOLDER / name).write_bytes(body + directory + end64 + locator + plain_end)


FOLDER.mkdir(exist_ok=True)
for dtype in ("<f4", "<f8", "<i4", "<i8", "<u4", "<u8"):
    np.savez(FOLDER / f"stored-{dtype[1:]}.npz", **arrays(dtype))
    np.savez_compressed(FOLDER / f"deflated-{dtype[1:]}.npz", **arrays(dtype))

plain = {f"{name}.npy": npy(array) for name, array in arrays("<f8").items()}
for version in ((2, 0), (3, 0)):
    archive(
        f"npy-version-{version[0]}.npz",
        {f"{name}.npy": npy(array, version) for name, array in arrays("<f8").items()},
    )
archive("zip64-local-headers.npz", plain, zipfile.ZIP_DEFLATED, zip64=True)
zip64_archive("zip64-directory.npz", plain)
archive("with-comment.npz", plain, comment=b"written by hand " * 20)
archive("with-other-members.npz", plain | {"notes.txt": b"hello", "labels.npy": npy(np.array(["a"]))})
archive("shape-4x1.npz", {n: npy(np.frombuffer(c[-32:]).reshape(4, 1)) for n, c in plain.items()})
archive("fortran-1d.npz", {n: c.replace(b"'fortran_order': False", b"'fortran_order': True ") for n, c in plain.items()})

# What must be refused with a reason.
archive("refused-big-endian.npz", {f"{n}.npy": npy(a) for n, a in arrays(">f8").items()})
archive("refused-half.npz", {f"{n}.npy": npy(a) for n, a in arrays("<f2").items()})
archive("refused-bool.npz", {f"{n}.npy": npy(a) for n, a in arrays("?").items()})
archive("refused-object.npz", {f"{n}.npy": npy(a) for n, a in arrays("O").items()})
archive("refused-records.npz", {n: npy(np.zeros(4, [("a", "<f8")])) for n in plain})
archive("refused-fortran-2d.npz", {n: npy(np.asfortranarray(np.ones((2, 2)))) for n in plain})
archive("refused-bzip2.npz", plain, zipfile.ZIP_BZIP2)
archive("refused-not-npy.npz", {n: b"PK, but not an array" for n in plain})
archive("refused-empty.npz", {})
