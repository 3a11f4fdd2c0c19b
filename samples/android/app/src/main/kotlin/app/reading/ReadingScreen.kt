package app.reading

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.AlertDialog
import androidx.compose.material3.Button
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import java.io.File

/** Connects the screen with the view model. The counts that the screen shows are read here only. */
@Composable
fun ReadingScreen(model: ReadingViewModel, exchanged: File) {
    val summary = model.summary
    val finishedToday by model.finishedToday.collectAsState(0)
    ReadingContent(
        summary,
        finishedToday,
        model.message,
        onFinished = model::finished,
        onFailed = model::failed,
        onExport = { model.export(exchanged) },
        onMerge = { model.merge(exchanged) }
    )
    if (model.asksForReview) ReviewPrompt(onClose = model::reviewed)
}

@Composable
fun ReadingContent(
    summary: Summary,
    finishedToday: Long,
    message: String,
    onFinished: () -> Unit,
    onFailed: () -> Unit,
    onExport: () -> Unit,
    onMerge: () -> Unit
) {
    Column(Modifier.padding(24.dp), verticalArrangement = Arrangement.spacedBy(12.dp)) {
        Text("Used on ${summary.activeDays} of the last 28 days")
        Text("${summary.finished} articles, $finishedToday today")
        summary.week.forEach { Text("${it.date.dayOfWeek}: ${it.count}") }
        Row(horizontalArrangement = Arrangement.spacedBy(12.dp)) {
            Button(onClick = onFinished) { Text("Finish an article") }
            Button(onClick = onFailed) { Text("Fail") }
        }
        Row(horizontalArrangement = Arrangement.spacedBy(12.dp)) {
            TextButton(onClick = onExport) { Text("Export") }
            TextButton(onClick = onMerge) { Text("Merge") }
        }
        Text(message)
    }
}

@Composable
fun ReviewPrompt(onClose: () -> Unit) {
    AlertDialog(
        onDismissRequest = onClose,
        title = { Text("Do you like this app?") },
        confirmButton = { TextButton(onClick = onClose) { Text("Yes") } },
        dismissButton = { TextButton(onClick = onClose) { Text("Not now") } }
    )
}
