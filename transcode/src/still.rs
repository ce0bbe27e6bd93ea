//! One picture: thumbnails while live, posters.

use bytes::Bytes;
use tempfile::TempDir;

use crate::error::TranscodeError;
use crate::process::{Job, Lane};
use crate::{Transcode, jpeg};

/// Quality of JPEG for ffmpeg: 2 is the best. 4 is about 30 kB for 640 x 360.
const QUALITY: &str = "4";

impl Transcode {
    /// The first picture of an MP4 (its beginning and a key frame are enough) as JPEG, this wide at most.
    ///
    /// # Errors
    /// When there is no ffmpeg, or it finds no picture.
    pub async fn still(&self, mp4: Bytes, width: u32) -> Result<Bytes, TranscodeError> {
        if !self.available() {
            return Err(TranscodeError::Unavailable);
        }
        let folder = self.folder()?;
        let (from, to) = (folder.path().join("still.mp4"), folder.path().join("still.jpg"));
        tokio::fs::write(&from, mp4)
            .await
            .map_err(TranscodeError::files("writing what a picture is made of"))?;
        let mut job = Job::new(self, "still", Lane::Light, std::time::Duration::ZERO);
        job.add(["-threads", "1"]);
        job.input(&from);
        job.add(["-an", "-sn", "-dn", "-frames:v", "1", "-vf", &scale(width), "-q:v", QUALITY]);
        job.add(["-f", "image2", "-update", "1"]);
        job.add([to.as_os_str()]);
        self.run(job).await?;
        let picture = jpeg::read(&to);
        TempDir::close(folder).map_err(TranscodeError::files("removing temporary files"))?;
        picture
    }
}

/// Not larger than it is, and even.
fn scale(width: u32) -> String {
    let width = width.clamp(16, 7680);
    format!("scale='trunc(min({width},iw)/2)*2':-2")
}
