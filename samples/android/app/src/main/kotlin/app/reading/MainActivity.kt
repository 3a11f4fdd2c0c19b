package app.reading

import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.viewModels
import androidx.compose.material3.MaterialTheme
import androidx.lifecycle.viewmodel.initializer
import androidx.lifecycle.viewmodel.viewModelFactory
import java.io.File

class MainActivity : ComponentActivity() {
    private val model: ReadingViewModel by viewModels {
        viewModelFactory { initializer { ReadingViewModel((application as ReadingApp).store) } }
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val exchanged = File(cacheDir, "exchanged")
        setContent { MaterialTheme { ReadingScreen(model, exchanged) } }
    }
}
