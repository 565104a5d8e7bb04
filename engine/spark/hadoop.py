"""Files where Spark finds them: on HDFS, in an object store, or on a disk; by Hadoop's own reading of an address."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from engine.prepared_frames import empty_folder, is_part, nothing_there, other_columns, unreadable

if TYPE_CHECKING:
    from py4j.java_gateway import JavaObject
    from pyspark.sql import SparkSession


class Hadoop:
    """The file systems that a session knows."""

    def __init__(self, spark: "SparkSession") -> None:
        """Speak through the session's own Java."""
        context = spark.sparkContext
        self._jvm = context._jvm  # noqa: SLF001  # pyspark has no other way to files
        self._settings = context._jsc.hadoopConfiguration()  # noqa: SLF001  # the same

    def exists(self, address: str) -> bool:
        """Say whether there is a file or a folder."""
        path, system = self._at(address)
        return bool(system.exists(path))

    def move(self, source: str, target: str) -> bool:
        """Give a folder its name, in one step where the file system can; false: it cannot."""
        path, system = self._at(source)
        return bool(system.rename(path, self._path(target)))

    def delete(self, address: str) -> None:
        """Delete a folder with all that is in it."""
        path, system = self._at(address)
        system.delete(path, True)

    def frame_files(self, address: str) -> list[str]:
        """Return the Parquet files of a frame, by name; see `engine.prepared_frames`.

        Fails: RunError where there is none, one is no Parquet, or has other columns than the first.
        """
        path, system = self._at(address)
        if not system.exists(path):
            raise nothing_there(path.getName())
        status = system.getFileStatus(path)
        if not status.isDirectory():
            files = [str(status.getPath())]
        else:
            files = sorted(self._parts(system, status.getPath()))
            if not files:
                raise empty_folder(path.getName())
        self._check_columns(files)
        return files

    def _parts(self, system: "JavaObject", folder: "JavaObject") -> list[str]:
        listed, found, inside = system.listFiles(folder, True), [], len(str(folder)) + 1
        while listed.hasNext():
            file = str(listed.next().getPath())
            if is_part(PurePosixPath(file[inside:])):
                found.append(file)
        return found

    def _check_columns(self, files: list[str]) -> None:
        first, *others = [self._columns(file) for file in files]
        for file, columns in zip(files[1:], others, strict=True):
            if columns != first:
                raise other_columns(PurePosixPath(file).name, PurePosixPath(files[0]).name)

    def _columns(self, file: str) -> tuple[str, ...]:
        """Return the columns of a Parquet file with their types: Spark takes them of one, and null for what others lack."""
        from py4j.protocol import Py4JJavaError

        hadoop = self._jvm.org.apache.parquet.hadoop
        try:
            source = hadoop.util.HadoopInputFile.fromPath(self._path(file), self._settings)
            with_footer = hadoop.ParquetFileReader.open(source)
            try:
                schema = with_footer.getFooter().getFileMetaData().getSchema()
                return tuple(sorted(str(column) for column in schema.getFields()))
            finally:
                with_footer.close()
        except Py4JJavaError as fault:
            raise unreadable(PurePosixPath(file).name) from fault

    def _path(self, address: str) -> "JavaObject":
        return self._jvm.org.apache.hadoop.fs.Path(address)

    def _at(self, address: str) -> tuple["JavaObject", "JavaObject"]:
        path = self._path(address)
        return path, path.getFileSystem(self._settings)
